//! One message, for whoever heard of it by a live event.

use super::MessagePath;
use crate::admin::api_error::ApiError;
use crate::admin::extract::Path;
use crate::admin::guard::Awake;
use crate::admin::language::Reads;
use crate::auth::TenantCaller;
use crate::inbox::messages::{Message, get as get_row};

/// One message
#[utoipa::path(get, path = "/tenants/{tenant_id}/conversations/{conversation_id}/messages/{message_id}", tag = "messages",
    operation_id = "messages_get", params(("conversation_id" = uuid::Uuid, Path), ("message_id" = uuid::Uuid, Path)),
    responses((status = 200, body = Message)))]
pub(super) async fn get(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<MessagePath>,
    Reads(language): Reads,
) -> Result<axum::Json<Message>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    Ok(axum::Json(get_row::row(&mut tx, path.conversation_id, path.message_id).await?.in_words(language)))
}
