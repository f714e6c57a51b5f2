//! Resolve, reopen, snooze.

use chrono::{DateTime, TimeDelta, Utc};
use nexus_core::ids::ConversationId;
use nexus_core::tenancy::TenantTx;

use super::Standing;
use crate::inbox::InboxError;

const LONGEST_SNOOZE: TimeDelta = TimeDelta::days(366);

/// Marks it as done. The next message of the contact opens it again.
pub async fn resolve(tx: &mut TenantTx, conversation: ConversationId) -> Result<(), InboxError> {
    Standing::lock(tx, conversation).await?;
    set(tx, conversation, "resolved", None).await
}

/// Opens it again.
pub async fn reopen(tx: &mut TenantTx, conversation: ConversationId) -> Result<(), InboxError> {
    let standing = Standing::lock(tx, conversation).await?;
    if !matches!(standing.status.as_str(), "resolved" | "snoozed") {
        return Err(InboxError::WrongState("the conversation is open already"));
    }
    set(tx, conversation, "open", None).await
}

/// Lets it rest until a time, or until the contact writes.
pub async fn snooze(
    tx: &mut TenantTx,
    conversation: ConversationId,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), InboxError> {
    Standing::lock(tx, conversation).await?;
    if until <= now || until > now + LONGEST_SNOOZE {
        return Err(InboxError::Invalid("until", "must lie in the future, at most a year ahead"));
    }
    set(tx, conversation, "snoozed", Some(until)).await
}

async fn set(
    tx: &mut TenantTx,
    conversation: ConversationId,
    status: &str,
    snoozed_until: Option<DateTime<Utc>>,
) -> Result<(), InboxError> {
    let tenant = tx.tenant();
    sqlx::query(
        "UPDATE chat_conversations
         SET status = $3, snoozed_until = $4, unread_count = CASE WHEN $3 = 'open' THEN unread_count ELSE 0 END,
             revision = revision + 1, updated_at = now()
         WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tenant)
    .bind(conversation)
    .bind(status)
    .bind(snoozed_until)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
