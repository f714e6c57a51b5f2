//! What somebody has written and not sent: one draft per person and conversation, there on every device of theirs.

use chrono::{DateTime, Utc};
use nexus_core::ids::ConversationId;
use nexus_core::tenancy::TenantTx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::revision;
use crate::inbox::InboxError;

const MOST_CHARS: usize = 10_000;

/// What it is to become.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Mode {
    /// A message to the contact.
    #[default]
    Reply,
    /// A note.
    Note,
}

/// A draft.
#[derive(Clone, Debug, Default, Serialize, ToSchema, sqlx::FromRow)]
pub struct Draft {
    /// What it is to become.
    pub mode: Mode,
    /// What it says; empty when there is none.
    pub body: String,
    /// When it was last changed; null when there is none.
    pub updated_at: Option<DateTime<Utc>>,
}

/// Somebody's draft, or an empty one.
pub async fn get(tx: &mut TenantTx, conversation: ConversationId, user: Uuid) -> Result<Draft, InboxError> {
    revision(tx, conversation).await?;
    let tenant = tx.tenant();
    let found = sqlx::query_as(
        "SELECT mode, body, updated_at FROM conversation_drafts WHERE tenant_id = $1 AND user_id = $2 AND conversation_id = $3",
    )
    .bind(tenant)
    .bind(user)
    .bind(conversation)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(found.unwrap_or_default())
}

/// Keeps it; an empty one is forgotten.
pub async fn set(
    tx: &mut TenantTx,
    conversation: ConversationId,
    user: Uuid,
    mode: Mode,
    body: &str,
) -> Result<Draft, InboxError> {
    if body.chars().count() > MOST_CHARS {
        return Err(InboxError::Invalid("body", "at most 10000 characters"));
    }
    revision(tx, conversation).await?;
    let tenant = tx.tenant();
    if body.is_empty() {
        sqlx::query("DELETE FROM conversation_drafts WHERE tenant_id = $1 AND user_id = $2 AND conversation_id = $3")
            .bind(tenant)
            .bind(user)
            .bind(conversation)
            .execute(&mut **tx)
            .await?;
        return Ok(Draft { mode, ..Draft::default() });
    }
    let draft = sqlx::query_as(
        "INSERT INTO conversation_drafts (tenant_id, user_id, conversation_id, mode, body) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id, user_id, conversation_id)
         DO UPDATE SET mode = excluded.mode, body = excluded.body, updated_at = now()
         RETURNING mode, body, updated_at",
    )
    .bind(tenant)
    .bind(user)
    .bind(conversation)
    .bind(mode)
    .bind(body)
    .fetch_one(&mut **tx)
    .await?;
    Ok(draft)
}
