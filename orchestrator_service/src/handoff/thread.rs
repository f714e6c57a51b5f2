//! What the mail tells about a conversation, read in one transaction of its tenant.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use nexus_core::ids::ConversationId;
use nexus_core::tenancy::TenantTx;

use crate::phrases::Language;

const TRANSCRIPT_MESSAGES: i64 = 20;

/// A conversation as the mail shows it.
#[derive(Clone, Debug)]
pub(super) struct Thread {
    pub(super) business: String,
    pub(super) language: Language,
    pub(super) zone: Tz,
    pub(super) contact_name: String,
    pub(super) contact_phone: Option<String>,
    pub(super) recipients: Vec<String>,
    /// Oldest first.
    pub(super) messages: Vec<Line>,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Line {
    pub(super) author: String,
    pub(super) body: String,
    pub(super) sent_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Head {
    name: String,
    language: String,
    time_zone: String,
    handoff_emails: Vec<String>,
    display_name: String,
    phone: Option<String>,
}

/// `None` when the conversation is gone.
pub(super) async fn load(tx: &mut TenantTx, conversation: ConversationId) -> Result<Option<Thread>, sqlx::Error> {
    let tenant = tx.tenant();
    let head: Option<Head> = sqlx::query_as(
        "SELECT n.name, n.language, n.time_zone, n.handoff_emails, p.display_name,
                (SELECT i.address FROM contact_identities i
                 WHERE i.tenant_id = c.tenant_id AND i.contact_id = p.id AND i.kind = 'phone'
                 ORDER BY i.channel_id = c.channel_id DESC LIMIT 1) AS phone
         FROM chat_conversations c
         JOIN tenants n ON n.id = c.tenant_id
         JOIN contacts p ON p.tenant_id = c.tenant_id AND p.id = c.contact_id
         WHERE c.tenant_id = $1 AND c.id = $2",
    )
    .bind(tenant)
    .bind(conversation)
    .fetch_optional(&mut **tx)
    .await?;
    let Some(head) = head else { return Ok(None) };
    let messages = sqlx::query_as(
        "SELECT author, body, sent_at FROM (
             SELECT author, body, sent_at, id FROM chat_messages WHERE tenant_id = $1 AND conversation_id = $2
             ORDER BY sent_at DESC, id DESC LIMIT $3
         ) AS newest ORDER BY sent_at, id",
    )
    .bind(tenant)
    .bind(conversation)
    .bind(TRANSCRIPT_MESSAGES)
    .fetch_all(&mut **tx)
    .await?;
    Ok(Some(Thread {
        business: head.name,
        language: Language::of_code(&head.language),
        zone: head.time_zone.parse().unwrap_or(chrono_tz::UTC),
        contact_name: head.display_name,
        contact_phone: head.phone,
        recipients: head.handoff_emails,
        messages,
    }))
}
