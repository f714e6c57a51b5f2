//! One conversation.

use nexus_core::ids::ConversationId;
use nexus_core::tenancy::TenantTx;

use super::view::{Conversation, conversation_rows};
use crate::inbox::InboxError;

/// The conversation as it stands.
pub async fn get(tx: &mut TenantTx, conversation: ConversationId) -> Result<Conversation, InboxError> {
    let tenant = tx.tenant();
    let found: Option<Conversation> =
        sqlx::query_as(conversation_rows!("chat_conversations c", "WHERE c.tenant_id = $1 AND c.id = $2"))
            .bind(tenant)
            .bind(conversation)
            .fetch_optional(&mut **tx)
            .await?;
    found.map(Conversation::with_actions).ok_or(InboxError::NotFound("conversation"))
}
