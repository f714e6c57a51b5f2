//! A person takes a conversation.

use super::{ConversationPath, change};
use crate::admin::api_error::ApiError;
use crate::admin::audit::NOTHING;
use crate::admin::extract::Path;
use crate::admin::guard::Awake;
use crate::auth::TenantCaller;
use crate::inbox::conversations::{Conversation, control};

/// Take over from the assistant
///
/// Assigns the conversation to the caller. What the assistant was about to say is discarded.
#[utoipa::path(post, path = "/tenants/{tenant_id}/conversations/{conversation_id}/take-over", tag = "conversations",
    operation_id = "conversations_take_over", params(("conversation_id" = uuid::Uuid, Path)),
    responses((status = 200, body = Conversation)))]
pub(super) async fn take_over(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ConversationPath>,
) -> Result<axum::Json<Conversation>, ApiError> {
    let mut tx = change::begin(&brain, &caller).await?;
    control::take_over(&mut tx, path.conversation_id, caller.caller.user().map(|user| user.0)).await?;
    change::finish(&brain, tx, &caller, path.conversation_id, "conversation.taken_over", (NOTHING, NOTHING)).await
}
