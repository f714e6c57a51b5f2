//! Whose a conversation is.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ConversationPath, change};
use crate::admin::api_error::ApiError;
use crate::admin::extract::{Json, Path, Validate};
use crate::admin::guard::Awake;
use crate::auth::TenantCaller;
use crate::inbox::conversations::Conversation;
use crate::inbox::conversations::assign::{Assignment, assign as assign_to};

/// Whose it is to be; both null is nobody's.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Assign {
    /// A member who answers customers.
    user_id: Option<Uuid>,
    /// A team.
    team_id: Option<Uuid>,
}

impl Validate for Assign {}

/// Assign
#[utoipa::path(put, path = "/tenants/{tenant_id}/conversations/{conversation_id}/assignment", tag = "conversations",
    operation_id = "conversations_assign", params(("conversation_id" = Uuid, Path)), request_body = Assign,
    responses((status = 200, body = Conversation)))]
pub(super) async fn assign(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ConversationPath>,
    Json(body): Json<Assign>,
) -> Result<axum::Json<Conversation>, ApiError> {
    let mut tx = change::begin(&brain, &caller).await?;
    let to = Assignment { user_id: body.user_id, team_id: body.team_id };
    let was = assign_to(&mut tx, path.conversation_id, to).await?;
    change::finish(&brain, tx, &caller, path.conversation_id, "conversation.assigned", (Some(&was), Some(&to))).await
}
