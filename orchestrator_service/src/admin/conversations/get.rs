//! One conversation.

use super::ConversationPath;
use crate::admin::api_error::ApiError;
use crate::admin::etag::{ETag, Versioned};
use crate::admin::extract::Path;
use crate::admin::guard::Awake;
use crate::auth::TenantCaller;
use crate::inbox::conversations::{Conversation, get as get_row};

/// One conversation
#[utoipa::path(get, path = "/tenants/{tenant_id}/conversations/{conversation_id}", tag = "conversations",
    operation_id = "conversations_get", params(("conversation_id" = uuid::Uuid, Path)),
    responses((status = 200, body = Conversation, headers(("ETag" = String)))))]
pub(super) async fn get(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ConversationPath>,
) -> Result<Versioned<Conversation>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let conversation = get_row::get(&mut tx, path.conversation_id).await?;
    Ok(Versioned(ETag::of_revision(conversation.revision), conversation))
}
