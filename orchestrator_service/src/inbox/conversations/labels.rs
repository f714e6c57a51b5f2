//! The labels of a conversation.

use nexus_core::ids::ConversationId;
use nexus_core::tenancy::TenantTx;

use super::Standing;
use crate::inbox::InboxError;

/// More says nothing any more.
pub const MOST_LABELS: usize = 20;

/// Sets them, all at once; they must exist. Answers those it had.
pub async fn set(tx: &mut TenantTx, conversation: ConversationId, labels: &[String]) -> Result<Vec<String>, InboxError> {
    Standing::lock(tx, conversation).await?;
    if labels.len() > MOST_LABELS {
        return Err(InboxError::Invalid("labels", "at most 20"));
    }
    let mut labels = labels.to_vec();
    labels.sort();
    labels.dedup();
    let tenant = tx.tenant();
    let known: i64 = sqlx::query_scalar("SELECT count(*) FROM labels WHERE tenant_id = $1 AND name = ANY ($2)")
        .bind(tenant)
        .bind(&labels)
        .fetch_one(&mut **tx)
        .await?;
    if usize::try_from(known).ok() != Some(labels.len()) {
        return Err(InboxError::Invalid("labels", "one of them does not exist"));
    }
    let had = sqlx::query_scalar(
        "UPDATE chat_conversations c SET labels = $3, revision = c.revision + 1, updated_at = now()
         FROM (SELECT labels FROM chat_conversations WHERE tenant_id = $1 AND id = $2) AS was
         WHERE c.tenant_id = $1 AND c.id = $2
         RETURNING was.labels",
    )
    .bind(tenant)
    .bind(conversation)
    .bind(&labels)
    .fetch_one(&mut **tx)
    .await?;
    Ok(had)
}
