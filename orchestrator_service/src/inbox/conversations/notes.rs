//! What agents tell each other beside a conversation. Never sent to anybody.

use chrono::{DateTime, Utc};
use nexus_core::ids::ConversationId;
use nexus_core::tenancy::TenantTx;
use nexus_core::text;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::revision;
use crate::inbox::InboxError;

const MOST_CHARS: usize = 10_000;
const MOST_MENTIONS: usize = 20;

/// One note.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct Note {
    /// Which.
    pub id: Uuid,
    /// Who wrote it; null for a program.
    pub author_user_id: Option<Uuid>,
    /// What it says.
    pub body: String,
    /// Who is meant to see it.
    pub mentions: Vec<Uuid>,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// The newest notes before a key, newest first.
pub async fn list(
    tx: &mut TenantTx,
    conversation: ConversationId,
    before: Option<(DateTime<Utc>, Uuid)>,
    most: i64,
) -> Result<Vec<Note>, InboxError> {
    revision(tx, conversation).await?;
    let tenant = tx.tenant();
    let notes = sqlx::query_as(
        "SELECT id, author_user_id, body, mentions, created_at FROM conversation_notes
         WHERE tenant_id = $1 AND conversation_id = $2 AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4))
         ORDER BY created_at DESC, id DESC LIMIT $5",
    )
    .bind(tenant)
    .bind(conversation)
    .bind(before.map(|(at, _)| at))
    .bind(before.map(|(_, id)| id))
    .bind(most)
    .fetch_all(&mut **tx)
    .await?;
    Ok(notes)
}

/// Writes one. Whoever is mentioned must work here.
pub async fn add(
    tx: &mut TenantTx,
    conversation: ConversationId,
    author: Option<Uuid>,
    body: &str,
    mentions: &[Uuid],
) -> Result<Note, InboxError> {
    if body.trim().is_empty() || body.chars().count() > MOST_CHARS {
        return Err(InboxError::Invalid("body", "1 to 10000 characters"));
    }
    let mut mentions = mentions.to_vec();
    mentions.sort();
    mentions.dedup();
    if mentions.len() > MOST_MENTIONS {
        return Err(InboxError::Invalid("mentions", "at most 20"));
    }
    super::Standing::lock(tx, conversation).await?;
    let tenant = tx.tenant();
    let members: i64 = sqlx::query_scalar("SELECT count(*) FROM memberships WHERE tenant_id = $1 AND user_id = ANY ($2)")
        .bind(tenant)
        .bind(&mentions)
        .fetch_one(&mut **tx)
        .await?;
    if usize::try_from(members).ok() != Some(mentions.len()) {
        return Err(InboxError::Invalid("mentions", "somebody is not a member"));
    }
    let note: Note = sqlx::query_as(
        "INSERT INTO conversation_notes (tenant_id, id, conversation_id, author_user_id, body, mentions)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING id, author_user_id, body, mentions, created_at",
    )
    .bind(tenant)
    .bind(Uuid::now_v7())
    .bind(conversation)
    .bind(author)
    .bind(text::without_nul(body))
    .bind(&mentions)
    .fetch_one(&mut **tx)
    .await?;
    super::mentions::keep(tx, &note).await?;
    sqlx::query("UPDATE chat_conversations SET revision = revision + 1, updated_at = now() WHERE tenant_id = $1 AND id = $2")
        .bind(tenant)
        .bind(conversation)
        .execute(&mut **tx)
        .await?;
    Ok(note)
}
