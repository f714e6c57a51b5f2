//! Makes one contact of two. Nothing that was said is lost: every conversation stays a thread of its own. Where two of
//! them run over one channel, new messages go to the younger one and the other becomes secondary.

use nexus_core::ids::{ContactId, ConversationId};
use nexus_core::tenancy::TenantTx;

use crate::inbox::InboxError;

/// Merges `other` into `kept`, which stays. Answers the conversations that moved.
pub async fn merge(tx: &mut TenantTx, kept: ContactId, other: ContactId) -> Result<Vec<ConversationId>, InboxError> {
    if kept == other {
        return Err(InboxError::Invalid("other_id", "must be another contact"));
    }
    let tenant = tx.tenant();
    sqlx::query(
        "SELECT id FROM chat_conversations WHERE tenant_id = $1 AND contact_id = ANY (ARRAY[$2, $3]) ORDER BY id FOR UPDATE",
    )
    .bind(tenant)
    .bind(kept)
    .bind(other)
    .execute(&mut **tx)
    .await?;
    for contact in if kept < other { [kept, other] } else { [other, kept] } {
        super::lock(tx, contact).await?;
    }
    let moved = move_conversations(tx, kept, other).await?;
    sqlx::query("UPDATE contact_identities SET contact_id = $2 WHERE tenant_id = $1 AND contact_id = $3")
        .bind(tenant)
        .bind(kept)
        .bind(other)
        .execute(&mut **tx)
        .await?;
    join_knowledge(tx, kept, other).await?;
    sqlx::query("DELETE FROM contact_merge_suggestions WHERE tenant_id = $1 AND (contact_id = $2 OR other_id = $2)")
        .bind(tenant)
        .bind(other)
        .execute(&mut **tx)
        .await?;
    sqlx::query("DELETE FROM contacts WHERE tenant_id = $1 AND id = $2").bind(tenant).bind(other).execute(&mut **tx).await?;
    Ok(moved)
}

/// All but the youngest conversation of a channel become secondary before they meet, so that the one is always unique.
async fn move_conversations(tx: &mut TenantTx, kept: ContactId, other: ContactId) -> Result<Vec<ConversationId>, sqlx::Error> {
    let tenant = tx.tenant();
    sqlx::query(
        "UPDATE chat_conversations c SET is_secondary = true, revision = revision + 1, updated_at = now()
         WHERE c.tenant_id = $1 AND c.contact_id = ANY (ARRAY[$2, $3]) AND NOT c.is_secondary
           AND EXISTS (SELECT FROM chat_conversations y WHERE y.tenant_id = $1 AND y.contact_id = ANY (ARRAY[$2, $3])
                       AND y.channel_id = c.channel_id AND NOT y.is_secondary AND y.id > c.id)",
    )
    .bind(tenant)
    .bind(kept)
    .bind(other)
    .execute(&mut **tx)
    .await?;
    sqlx::query_scalar(
        "UPDATE chat_conversations SET contact_id = $2, revision = revision + 1, updated_at = now()
         WHERE tenant_id = $1 AND contact_id = $3 RETURNING id",
    )
    .bind(tenant)
    .bind(kept)
    .bind(other)
    .fetch_all(&mut **tx)
    .await
}

/// Whoever asked for silence under one name gets it under both.
async fn join_knowledge(tx: &mut TenantTx, kept: ContactId, other: ContactId) -> Result<(), sqlx::Error> {
    let tenant = tx.tenant();
    sqlx::query(
        "UPDATE contacts k SET
             display_name = CASE WHEN k.display_name = '' THEN o.display_name ELSE k.display_name END,
             custom_name = coalesce(k.custom_name, o.custom_name),
             notes = btrim(k.notes || E'\\n\\n' || o.notes, E' \\n'),
             custom_attributes = o.custom_attributes || k.custom_attributes,
             opted_out_at = least(k.opted_out_at, o.opted_out_at),
             blocked_at = least(k.blocked_at, o.blocked_at),
             revision = k.revision + 1, updated_at = now()
         FROM contacts o WHERE k.tenant_id = $1 AND k.id = $2 AND o.tenant_id = $1 AND o.id = $3",
    )
    .bind(tenant)
    .bind(kept)
    .bind(other)
    .execute(&mut **tx)
    .await
    .map(drop)
}
