//! Who is looking at a conversation.

use nexus_core::live::{self, LiveEvent};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::ConversationPath;
use crate::admin::api_error::ApiError;
use crate::admin::extract::{Json, Path, Validate};
use crate::admin::guard::Awake;
use crate::auth::TenantCaller;
use crate::inbox::conversations::revision;
use crate::inbox::presence::{self, Present};

/// What the caller does.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NotePresence {
    /// Whether they are writing.
    typing: bool,
}

impl Validate for NotePresence {}

/// Who else is here.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Others {
    /// Everybody seen in the last thirty seconds.
    others: Vec<Present>,
}

/// Say that one is here
///
/// Repeat it within thirty seconds. Programs are nowhere.
#[utoipa::path(post, path = "/tenants/{tenant_id}/conversations/{conversation_id}/presence", tag = "conversations",
    operation_id = "conversations_presence", params(("conversation_id" = uuid::Uuid, Path)), request_body = NotePresence,
    responses((status = 200, body = Others)))]
pub(super) async fn note(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ConversationPath>,
    Json(body): Json<NotePresence>,
) -> Result<axum::Json<Others>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    revision(&mut tx, path.conversation_id).await?;
    drop(tx);
    let Some(user) = caller.caller.user() else { return Ok(axum::Json(Others { others: Vec::new() })) };
    let others = presence::note(&brain.redis, caller.tenant, path.conversation_id, user.0, body.typing).await;
    let data = json!({ "conversation_id": path.conversation_id, "user_id": user, "typing": body.typing });
    live::publish(&brain.redis, &[LiveEvent { tenant: caller.tenant, kind: "presence", data }]).await;
    // Without Redis nobody is seen, and nothing else is lost.
    Ok(axum::Json(Others { others: others.unwrap_or_default() }))
}
