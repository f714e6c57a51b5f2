//! Everything that is kept about a contact, for the contact. Messages come in pages, so a long thread fits in memory.

use chrono::{DateTime, Utc};
use nexus_core::ids::{ContactId, ConversationId};
use nexus_core::tenancy::TenantTx;
use serde_json::Value;
use uuid::Uuid;

use crate::inbox::InboxError;

/// Messages per page.
const PAGE: i64 = 500;

/// Where the next page begins: conversation, time, message.
pub type Key = (Uuid, DateTime<Utc>, Uuid);

/// The contact, its conversations and the notes about them.
pub async fn head(tx: &mut TenantTx, contact: ContactId) -> Result<Value, InboxError> {
    let tenant = tx.tenant();
    let found = sqlx::query_scalar(
        "SELECT jsonb_build_object(
             'contact', to_jsonb(p) - 'tenant_id',
             'identities', (SELECT coalesce(jsonb_agg(to_jsonb(i) - 'tenant_id'), '[]') FROM contact_identities i
                            WHERE i.tenant_id = p.tenant_id AND i.contact_id = p.id),
             'conversations', (SELECT coalesce(jsonb_agg(to_jsonb(c) - 'tenant_id'), '[]') FROM chat_conversations c
                               WHERE c.tenant_id = p.tenant_id AND c.contact_id = p.id),
             'notes', (SELECT coalesce(jsonb_agg(to_jsonb(n) - 'tenant_id' ORDER BY n.created_at), '[]')
                       FROM conversation_notes n JOIN chat_conversations c ON c.tenant_id = n.tenant_id AND c.id = n.conversation_id
                       WHERE n.tenant_id = p.tenant_id AND c.contact_id = p.id))
         FROM contacts p WHERE p.tenant_id = $1 AND p.id = $2",
    )
    .bind(tenant)
    .bind(contact)
    .fetch_optional(&mut **tx)
    .await?;
    found.ok_or(InboxError::NotFound("contact"))
}

/// The next messages, oldest first within each conversation, with the key of the last; empty at the end.
pub async fn messages(
    tx: &mut TenantTx,
    conversations: &[ConversationId],
    after: Option<Key>,
) -> Result<Vec<(Key, Value)>, sqlx::Error> {
    let tenant = tx.tenant();
    let rows: Vec<(Uuid, DateTime<Utc>, Uuid, Value)> = sqlx::query_as(
        "SELECT m.conversation_id, m.sent_at, m.id, to_jsonb(m) - 'tenant_id'
         FROM chat_messages m
         WHERE m.tenant_id = $1 AND m.conversation_id = ANY ($2)
           AND ($3::uuid IS NULL OR (m.conversation_id, m.sent_at, m.id) > ($3, $4, $5))
         ORDER BY m.conversation_id, m.sent_at, m.id LIMIT $6",
    )
    .bind(tenant)
    .bind(conversations)
    .bind(after.map(|key| key.0))
    .bind(after.map(|key| key.1))
    .bind(after.map(|key| key.2))
    .bind(PAGE)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|(conversation, at, id, message)| ((conversation, at, id), message)).collect())
}

/// The conversations of the contact, in the order of the export.
pub async fn conversations(tx: &mut TenantTx, contact: ContactId) -> Result<Vec<ConversationId>, sqlx::Error> {
    let tenant = tx.tenant();
    sqlx::query_scalar("SELECT id FROM chat_conversations WHERE tenant_id = $1 AND contact_id = $2 ORDER BY id")
        .bind(tenant)
        .bind(contact)
        .fetch_all(&mut **tx)
        .await
}
