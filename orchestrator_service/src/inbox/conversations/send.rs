//! A person writes to the contact. Writing takes the conversation over: nobody is ever answered twice.

use nexus_core::ids::{ConversationId, MessageId};
use nexus_core::message::{MAX_TEXT_CHARS, OutboundContent};
use nexus_core::seam::outbox::{self, Author};
use nexus_core::tenancy::TenantTx;
use uuid::Uuid;

use super::{Standing, control};
use crate::inbox::InboxError;

/// Who writes, and how the message is recognised.
#[derive(Clone, Debug, Default)]
pub struct Sender {
    /// The person; `None` for a program.
    pub user: Option<Uuid>,
    /// The browser's own id of the message.
    pub client_message_id: Option<String>,
    /// The failed message that is sent again.
    pub resend_of: Option<MessageId>,
}

/// Queues a text.
pub async fn send_text(
    tx: &mut TenantTx,
    conversation: ConversationId,
    sender: &Sender,
    text: &str,
) -> Result<MessageId, InboxError> {
    if text.trim().is_empty() {
        return Err(InboxError::Invalid("text", "must not be blank"));
    }
    if text.chars().count() > MAX_TEXT_CHARS {
        return Err(InboxError::Invalid("text", "at most 4096 characters"));
    }
    let standing = Standing::lock(tx, conversation).await?;
    send(tx, &standing, sender, OutboundContent::Text { body: text.to_owned() }).await
}

/// Queues a message behind whatever waits. The caller holds the lock on the conversation.
pub async fn send(
    tx: &mut TenantTx,
    standing: &Standing,
    sender: &Sender,
    content: OutboundContent,
) -> Result<MessageId, InboxError> {
    if standing.is_muted {
        return Err(InboxError::OptedOut);
    }
    if content.needs_open_window() && !standing.is_window_open {
        return Err(InboxError::WindowClosed);
    }
    control::hold(tx, standing).await?;
    let thread = standing.thread(tx);
    let messages = outbox::enqueue(tx, thread, Author::Agent, &[content]).await?;
    let message = *messages.first().ok_or(sqlx::Error::RowNotFound)?;
    let tenant = tx.tenant();
    sqlx::query(
        "UPDATE chat_messages SET author_user_id = $3, client_message_id = $4, resend_of = $5 WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tenant)
    .bind(message)
    .bind(sender.user)
    .bind(sender.client_message_id.as_deref())
    .bind(sender.resend_of)
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "UPDATE chat_conversations
         SET assigned_user_id = coalesce(assigned_user_id, $3), unread_count = 0, snoozed_until = NULL,
             status = CASE WHEN status IN ('resolved', 'snoozed') THEN 'open' ELSE status END
         WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tenant)
    .bind(standing.id)
    .bind(sender.user)
    .execute(&mut **tx)
    .await?;
    Ok(message)
}
