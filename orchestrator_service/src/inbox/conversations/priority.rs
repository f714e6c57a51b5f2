//! How urgent a conversation is.

use nexus_core::ids::ConversationId;
use nexus_core::tenancy::TenantTx;

use super::{Priority, Standing};
use crate::inbox::InboxError;

/// Sets it. Answers what it was.
pub async fn set(tx: &mut TenantTx, conversation: ConversationId, priority: Priority) -> Result<Priority, InboxError> {
    Standing::lock(tx, conversation).await?;
    let tenant = tx.tenant();
    let was = sqlx::query_scalar(
        "UPDATE chat_conversations c SET priority = $3, revision = c.revision + 1, updated_at = now()
         FROM (SELECT priority FROM chat_conversations WHERE tenant_id = $1 AND id = $2) AS was
         WHERE c.tenant_id = $1 AND c.id = $2
         RETURNING was.priority",
    )
    .bind(tenant)
    .bind(conversation)
    .bind(priority)
    .fetch_one(&mut **tx)
    .await?;
    Ok(was)
}
