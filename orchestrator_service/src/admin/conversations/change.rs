//! How every change of a conversation ends: written down, committed, told to the screens, answered.

use nexus_core::ids::{ConversationId, TenantId};
use nexus_core::live::{self, LiveEvent};
use nexus_core::tenancy::TenantTx;
use serde::Serialize;
use serde_json::json;

use crate::admin::api_error::ApiError;
use crate::admin::audit::{self, Change};
use crate::auth::TenantCaller;
use crate::inbox::conversations::{Conversation, get};
use crate::state::Brain;

/// A transaction whose changes stand in the thread under the caller's name.
pub(super) async fn begin(brain: &Brain, caller: &TenantCaller) -> Result<TenantTx, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    if let Some(user) = caller.caller.user() {
        sqlx::query("SELECT set_config('nexus.actor', $1, true)").bind(user.to_string()).execute(&mut *tx).await?;
    }
    Ok(tx)
}

/// A change is made; `before` and `after` are what the audit log keeps of it.
pub(super) async fn finish(
    brain: &Brain,
    mut tx: TenantTx,
    caller: &TenantCaller,
    conversation: ConversationId,
    action: &str,
    sides: (Option<&impl Serialize>, Option<&impl Serialize>),
) -> Result<axum::Json<Conversation>, ApiError> {
    let change = Change { action, object_kind: "conversation", object_id: Some(conversation.0) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, sides).await?;
    let view = get::get(&mut tx, conversation).await?;
    tx.commit().await?;
    live::publish(&brain.redis, &[updated(caller.tenant, conversation, view.revision)]).await;
    Ok(axum::Json(view))
}

/// Says that a conversation changed, with the counter by which a screen sees what it missed.
pub(in crate::admin) fn updated(tenant: TenantId, conversation: ConversationId, revision: i64) -> LiveEvent {
    let mut event = LiveEvent::conversation_updated(tenant, conversation);
    event.data = json!({ "conversation_id": conversation, "revision": revision });
    event
}
