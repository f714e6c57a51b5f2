//! Why the assistant said it.

use super::MessagePath;
use crate::admin::api_error::ApiError;
use crate::admin::extract::Path;
use crate::admin::guard::Awake;
use crate::auth::{Permission, TenantCaller};
use crate::inbox::messages::trace::{Trace, trace as trace_of};

/// The turn behind a message
///
/// Model and tokens only for those who may read the audit log.
#[utoipa::path(get, path = "/tenants/{tenant_id}/conversations/{conversation_id}/messages/{message_id}/trace", tag = "messages",
    operation_id = "messages_trace", params(("conversation_id" = uuid::Uuid, Path), ("message_id" = uuid::Uuid, Path)),
    responses((status = 200, body = Trace)))]
pub(super) async fn trace(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<MessagePath>,
) -> Result<axum::Json<Trace>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let with_cost = caller.may(Permission::AuditRead);
    Ok(axum::Json(trace_of(&mut tx, path.conversation_id, path.message_id, with_cost).await?))
}
