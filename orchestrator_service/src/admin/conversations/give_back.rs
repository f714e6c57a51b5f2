//! A person gives a conversation back to the assistant.

use nexus_core::wake::Topic;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{ConversationPath, change};
use crate::admin::api_error::ApiError;
use crate::admin::audit::NOTHING;
use crate::admin::extract::{FieldErrors, Json, Path, Validate};
use crate::admin::guard::Awake;
use crate::auth::TenantCaller;
use crate::inbox::conversations::{Conversation, control, notes};

/// What goes along.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct GiveBack {
    /// Kept as a note.
    #[schema(min_length = 1, max_length = 2000, pattern = r"\S")]
    note: Option<String>,
}

impl Validate for GiveBack {
    fn validate(&self, found: &mut FieldErrors) {
        if let Some(note) = &self.note {
            found.text("note", note, 2_000);
        }
    }
}

/// Return to the assistant
///
/// A contact who still waits for an answer gets one from the assistant.
#[utoipa::path(post, path = "/tenants/{tenant_id}/conversations/{conversation_id}/return", tag = "conversations",
    operation_id = "conversations_return", params(("conversation_id" = uuid::Uuid, Path)), request_body = GiveBack,
    responses((status = 200, body = Conversation)))]
pub(super) async fn give_back(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ConversationPath>,
    Json(body): Json<GiveBack>,
) -> Result<axum::Json<Conversation>, ApiError> {
    let mut tx = change::begin(&brain, &caller).await?;
    let is_answered = control::give_back(&mut tx, path.conversation_id, brain.burst_defaults()).await?;
    if let Some(note) = &body.note {
        notes::add(&mut tx, path.conversation_id, caller.caller.user().map(|user| user.0), note, &[]).await?;
    }
    let answer = change::finish(&brain, tx, &caller, path.conversation_id, "conversation.returned", (NOTHING, NOTHING)).await?;
    if is_answered {
        brain.redis.wake(Topic::Turns).await;
    }
    Ok(answer)
}
