//! What the caller has written in a conversation and not sent. Not worth a line in the audit log.

use nexus_core::live::{self, LiveEvent};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{ConversationPath, person};
use crate::admin::api_error::{ApiError, Problem};
use crate::admin::extract::{Json, Path, Validate};
use crate::admin::guard::Awake;
use crate::auth::TenantCaller;
use crate::inbox::conversations::drafts::{self, Draft, Mode};

/// What it says now.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetDraft {
    /// What it is to become.
    mode: Mode,
    /// The text; empty forgets the draft.
    #[schema(max_length = 10000)]
    body: String,
}

impl Validate for SetDraft {}

/// One's own draft
#[utoipa::path(get, path = "/tenants/{tenant_id}/conversations/{conversation_id}/draft", tag = "conversations",
    operation_id = "conversations_draft", params(("conversation_id" = uuid::Uuid, Path)),
    responses((status = 200, body = Draft), (status = 409, description = "A program has none.", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn get(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ConversationPath>,
) -> Result<axum::Json<Draft>, ApiError> {
    let user = person(&caller)?;
    let mut tx = brain.db.tenant(caller.tenant).await?;
    Ok(axum::Json(drafts::get(&mut tx, path.conversation_id, user).await?))
}

/// Keep one's draft
///
/// It is there on every device of the person; the others hear `draft.updated`.
#[utoipa::path(put, path = "/tenants/{tenant_id}/conversations/{conversation_id}/draft", tag = "conversations",
    operation_id = "conversations_set_draft", params(("conversation_id" = uuid::Uuid, Path)), request_body = SetDraft,
    responses((status = 200, body = Draft)))]
pub(super) async fn set(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ConversationPath>,
    Json(body): Json<SetDraft>,
) -> Result<axum::Json<Draft>, ApiError> {
    let user = person(&caller)?;
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let draft = drafts::set(&mut tx, path.conversation_id, user, body.mode, &body.body).await?;
    tx.commit().await?;
    let data = json!({ "conversation_id": path.conversation_id, "user_id": user, "updated_at": draft.updated_at });
    live::publish(&brain.redis, &[LiveEvent { tenant: caller.tenant, kind: "draft.updated", data }]).await;
    Ok(axum::Json(draft))
}
