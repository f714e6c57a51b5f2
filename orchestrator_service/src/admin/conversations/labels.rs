//! The labels of a conversation.

use serde::Deserialize;
use utoipa::ToSchema;

use super::{ConversationPath, change};
use crate::admin::api_error::ApiError;
use crate::admin::extract::{Json, Path, Validate};
use crate::admin::guard::Awake;
use crate::auth::TenantCaller;
use crate::inbox::conversations::{Conversation, labels};

/// All its labels.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetLabels {
    /// Names of labels that exist; at most 20.
    labels: Vec<String>,
}

impl Validate for SetLabels {}

/// Set the labels
#[utoipa::path(put, path = "/tenants/{tenant_id}/conversations/{conversation_id}/labels", tag = "conversations",
    operation_id = "conversations_set_labels", params(("conversation_id" = uuid::Uuid, Path)), request_body = SetLabels,
    responses((status = 200, body = Conversation)))]
pub(super) async fn set(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ConversationPath>,
    Json(body): Json<SetLabels>,
) -> Result<axum::Json<Conversation>, ApiError> {
    let mut tx = change::begin(&brain, &caller).await?;
    let had = labels::set(&mut tx, path.conversation_id, &body.labels).await?;
    change::finish(&brain, tx, &caller, path.conversation_id, "conversation.labelled", (Some(&had), Some(&body.labels))).await
}
