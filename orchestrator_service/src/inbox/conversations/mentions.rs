//! Where somebody was named in a note.

use chrono::{DateTime, Utc};
use nexus_core::ids::ConversationId;
use nexus_core::tenancy::TenantTx;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::notes::Note;
use crate::inbox::InboxError;

/// A note that names the caller.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct Mention {
    /// Beside which conversation.
    #[schema(value_type = Uuid)]
    pub conversation_id: ConversationId,
    /// The note.
    #[sqlx(flatten)]
    pub note: Note,
    /// When the caller saw it.
    pub seen_at: Option<DateTime<Utc>>,
}

/// Keeps who is named in a note that was just written.
pub(super) async fn keep(tx: &mut TenantTx, note: &Note) -> Result<(), sqlx::Error> {
    let tenant = tx.tenant();
    sqlx::query(
        "INSERT INTO note_mentions (tenant_id, user_id, note_id, created_at)
         SELECT $1, named.user_id, $2, $3 FROM unnest($4::uuid[]) AS named (user_id)",
    )
    .bind(tenant)
    .bind(note.id)
    .bind(note.created_at)
    .bind(&note.mentions)
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// The newest mentions of somebody before a key, newest first.
pub async fn list(
    tx: &mut TenantTx,
    user: Uuid,
    only_unseen: bool,
    before: Option<(DateTime<Utc>, Uuid)>,
    most: i64,
) -> Result<Vec<Mention>, InboxError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as(
        "SELECT n.conversation_id, n.id, n.author_user_id, n.body, n.mentions, n.created_at, m.seen_at
         FROM note_mentions m JOIN conversation_notes n ON n.tenant_id = m.tenant_id AND n.id = m.note_id
         WHERE m.tenant_id = $1 AND m.user_id = $2 AND (NOT $3 OR m.seen_at IS NULL)
           AND ($4::timestamptz IS NULL OR (m.created_at, m.note_id) < ($4, $5::uuid))
         ORDER BY m.created_at DESC, m.note_id DESC LIMIT $6",
    )
    .bind(tenant)
    .bind(user)
    .bind(only_unseen)
    .bind(before.map(|(at, _)| at))
    .bind(before.map(|(_, id)| id))
    .bind(most)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows)
}

/// Somebody has seen the note that names them.
pub async fn mark_seen(tx: &mut TenantTx, user: Uuid, note: Uuid) -> Result<(), InboxError> {
    let tenant = tx.tenant();
    let seen = sqlx::query(
        "UPDATE note_mentions SET seen_at = coalesce(seen_at, now()) WHERE tenant_id = $1 AND user_id = $2 AND note_id = $3",
    )
    .bind(tenant)
    .bind(user)
    .bind(note)
    .execute(&mut **tx)
    .await?;
    if seen.rows_affected() == 1 { Ok(()) } else { Err(InboxError::NotFound("mention")) }
}
