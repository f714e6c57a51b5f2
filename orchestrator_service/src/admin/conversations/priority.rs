//! How urgent a conversation is.

use serde::Deserialize;
use utoipa::ToSchema;

use super::{ConversationPath, change};
use crate::admin::api_error::ApiError;
use crate::admin::extract::{Json, Path, Validate};
use crate::admin::guard::Awake;
use crate::auth::TenantCaller;
use crate::inbox::conversations::{Conversation, Priority, priority};

/// How urgent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetPriority {
    /// low, normal, high or urgent.
    priority: Priority,
}

impl Validate for SetPriority {}

/// Set the priority
#[utoipa::path(put, path = "/tenants/{tenant_id}/conversations/{conversation_id}/priority", tag = "conversations",
    operation_id = "conversations_set_priority", params(("conversation_id" = uuid::Uuid, Path)), request_body = SetPriority,
    responses((status = 200, body = Conversation)))]
pub(super) async fn set(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ConversationPath>,
    Json(body): Json<SetPriority>,
) -> Result<axum::Json<Conversation>, ApiError> {
    let mut tx = change::begin(&brain, &caller).await?;
    let was = priority::set(&mut tx, path.conversation_id, body.priority).await?;
    change::finish(&brain, tx, &caller, path.conversation_id, "conversation.prioritised", (Some(&was), Some(&body.priority)))
        .await
}
