//! Somebody has read it.

use nexus_core::ids::ConversationId;
use nexus_core::tenancy::TenantTx;

use crate::inbox::InboxError;

/// Nothing is unread any more. Answers whether that was news.
pub async fn mark_read(tx: &mut TenantTx, conversation: ConversationId) -> Result<bool, InboxError> {
    super::Standing::lock(tx, conversation).await?;
    let tenant = tx.tenant();
    let changed = sqlx::query(
        "UPDATE chat_conversations SET unread_count = 0, revision = revision + 1, updated_at = now()
         WHERE tenant_id = $1 AND id = $2 AND unread_count > 0",
    )
    .bind(tenant)
    .bind(conversation)
    .execute(&mut **tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}
