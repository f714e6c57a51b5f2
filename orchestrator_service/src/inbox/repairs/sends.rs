//! Messages that failed, or whose outcome nobody knows.

use chrono::{DateTime, Utc};
use nexus_core::ids::{ConversationId, MessageId};
use nexus_core::tenancy::TenantTx;
use uuid::Uuid;

use crate::inbox::InboxError;
use crate::inbox::messages::MessageRow;

/// The newest ones before a key.
pub async fn list(tx: &mut TenantTx, before: Option<(DateTime<Utc>, Uuid)>, most: i64) -> Result<Vec<MessageRow>, InboxError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as(crate::inbox::messages::message_rows!(
        "WHERE m.tenant_id = $1 AND m.direction = 'outbound' AND m.status IN ('failed', 'unknown')
           AND ($2::timestamptz IS NULL OR (m.sent_at, m.id) < ($2, $3))
           AND NOT EXISTS (SELECT FROM chat_messages r WHERE r.tenant_id = $1 AND r.resend_of = m.id)
         ORDER BY m.sent_at DESC, m.id DESC LIMIT $4"
    ))
    .bind(tenant)
    .bind(before.map(|(at, _)| at))
    .bind(before.map(|(_, id)| id))
    .bind(most)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows)
}

/// Which of them, for sending many again.
#[derive(Clone, Debug)]
pub struct Filter {
    /// `failed`, or `unknown`: what may have arrived after all.
    pub status: String,
    /// Failed with this code only.
    pub error_code: Option<String>,
    /// Not older than this: yesterday's answer helps nobody.
    pub since: DateTime<Utc>,
}

/// Those that can be sent again, oldest first, so that they arrive in their order.
pub async fn to_send_again(
    tx: &mut TenantTx,
    filter: &Filter,
    most: i64,
) -> Result<Vec<(ConversationId, MessageId)>, InboxError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as(
        "SELECT m.conversation_id, m.id FROM chat_messages m
         LEFT JOIN outbox o ON o.tenant_id = m.tenant_id AND o.message_id = m.id
         WHERE m.tenant_id = $1 AND m.direction = 'outbound' AND m.status IN ('failed', 'unknown')
           AND m.status::text = $2 AND ($3::text IS NULL OR m.error_code = $3) AND m.sent_at >= $4
           AND (o.id IS NULL OR o.settled_at IS NOT NULL)
           AND NOT EXISTS (SELECT FROM chat_messages r WHERE r.tenant_id = $1 AND r.resend_of = m.id)
         ORDER BY m.sent_at, m.id LIMIT $5",
    )
    .bind(tenant)
    .bind(&filter.status)
    .bind(filter.error_code.as_deref())
    .bind(filter.since)
    .bind(most)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows)
}
