//! What happened to a conversation between its messages: taken over, assigned, resolved, late. The database writes it down
//! (`nexus_note_conversation_events`), whoever makes the change.

use chrono::{DateTime, Utc};
use nexus_core::ids::ConversationId;
use nexus_core::tenancy::TenantTx;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::revision;
use crate::inbox::InboxError;

/// One thing that happened.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct ThreadEvent {
    /// Which.
    pub id: Uuid,
    /// taken_over, returned, assigned, unassigned, team_changed, resolved, reopened, snoozed, woke or
    /// service_level_breached.
    pub kind: String,
    /// Who did it; null when it happened by itself or by a program.
    pub actor_user_id: Option<Uuid>,
    /// Why it happened by itself: round_robin, least_busy, not_answered, silence or snooze_over.
    pub cause: Option<String>,
    /// From whom to whom, until when, which target.
    #[schema(value_type = Object)]
    pub detail: Value,
    /// When.
    pub at: DateTime<Utc>,
}

/// The newest before a key, newest first.
pub async fn list(
    tx: &mut TenantTx,
    conversation: ConversationId,
    before: Option<(DateTime<Utc>, Uuid)>,
    most: i64,
) -> Result<Vec<ThreadEvent>, InboxError> {
    revision(tx, conversation).await?;
    let tenant = tx.tenant();
    let rows = sqlx::query_as(
        "SELECT id, kind, actor_user_id, cause, detail, at FROM conversation_events
         WHERE tenant_id = $1 AND conversation_id = $2 AND ($3::timestamptz IS NULL OR (at, id) < ($3, $4::uuid))
         ORDER BY at DESC, id DESC LIMIT $5",
    )
    .bind(tenant)
    .bind(conversation)
    .bind(before.map(|(at, _)| at))
    .bind(before.map(|(_, id)| id))
    .bind(most)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows)
}
