//! One message, for whoever heard of it by a live event.

use nexus_core::ids::{ConversationId, MessageId};
use nexus_core::tenancy::TenantTx;

use super::view::{MessageRow, message_rows};
use crate::inbox::InboxError;

/// The message, if it belongs to the conversation.
pub async fn row(tx: &mut TenantTx, conversation: ConversationId, message: MessageId) -> Result<MessageRow, InboxError> {
    let tenant = tx.tenant();
    let found = sqlx::query_as(message_rows!("WHERE m.tenant_id = $1 AND m.conversation_id = $2 AND m.id = $3"))
        .bind(tenant)
        .bind(conversation)
        .bind(message)
        .fetch_optional(&mut **tx)
        .await?;
    found.ok_or(InboxError::NotFound("message"))
}
