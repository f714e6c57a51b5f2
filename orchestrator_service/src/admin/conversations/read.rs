//! Nothing is unread any more. Not worth a line in the audit log.

use nexus_core::live;

use super::{ConversationPath, updated};
use crate::admin::api_error::ApiError;
use crate::admin::extract::Path;
use crate::admin::guard::Awake;
use crate::auth::TenantCaller;
use crate::inbox::conversations::{Conversation, get, read};

/// Mark as read
#[utoipa::path(post, path = "/tenants/{tenant_id}/conversations/{conversation_id}/read", tag = "conversations",
    operation_id = "conversations_mark_read", params(("conversation_id" = uuid::Uuid, Path)),
    responses((status = 200, body = Conversation)))]
pub(super) async fn mark_read(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ConversationPath>,
) -> Result<axum::Json<Conversation>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let is_news = read::mark_read(&mut tx, path.conversation_id).await?;
    let conversation = get::get(&mut tx, path.conversation_id).await?;
    tx.commit().await?;
    if is_news {
        live::publish(&brain.redis, &[updated(caller.tenant, conversation.id, conversation.revision)]).await;
    }
    Ok(axum::Json(conversation))
}
