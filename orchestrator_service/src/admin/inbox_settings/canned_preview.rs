//! A canned reply as it would be said in a conversation.

use nexus_core::ids::ConversationId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::canned_replies::CannedReplyPath;
use crate::admin::api_error::ApiError;
use crate::admin::extract::{Json, Path, Validate};
use crate::admin::guard::Awake;
use crate::auth::TenantCaller;
use crate::inbox::canned_replies::lock;
use crate::inbox::canned_replies::preview::{Filled, Values, fill};

/// Where it is to be said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Preview {
    /// In which conversation.
    #[schema(value_type = Uuid)]
    conversation_id: ConversationId,
}

impl Validate for Preview {}

/// Fill a canned reply in
#[utoipa::path(post, path = "/tenants/{tenant_id}/canned-replies/{canned_reply_id}/preview", tag = "canned-replies",
    operation_id = "canned_replies_preview", params(("canned_reply_id" = uuid::Uuid, Path)), request_body = Preview,
    responses((status = 200, body = Filled)))]
pub(super) async fn preview(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<CannedReplyPath>,
    Json(body): Json<Preview>,
) -> Result<axum::Json<Filled>, ApiError> {
    let agent = agent_name(&brain, &caller).await?;
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let reply = lock(&mut tx, path.canned_reply_id).await?;
    let values = Values::read(&mut tx, body.conversation_id, agent).await?;
    Ok(axum::Json(fill(&reply.body, &values)))
}

/// People are the installation's, so the tenant's own transaction cannot see them.
async fn agent_name(brain: &crate::state::Brain, caller: &TenantCaller) -> Result<Option<String>, ApiError> {
    let Some(user) = caller.caller.user() else { return Ok(None) };
    let name: Option<String> =
        sqlx::query_scalar("SELECT display_name FROM users WHERE id = $1").bind(user).fetch_optional(brain.db.pool()).await?;
    Ok(name)
}
