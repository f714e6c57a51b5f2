//! Messages that failed, or whose outcome nobody knows.

use chrono::{DateTime, Utc};
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
