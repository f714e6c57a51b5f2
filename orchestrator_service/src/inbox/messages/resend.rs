//! Sends a message again that did not arrive, as a new message. What somebody received is never sent again.

use nexus_core::ids::{ConversationId, MessageId};
use nexus_core::message::OutboundContent;
use nexus_core::tenancy::TenantTx;
use serde::Deserialize as _;
use serde_json::Value;
use uuid::Uuid;

use crate::inbox::InboxError;
use crate::inbox::conversations::Standing;
use crate::inbox::conversations::send::{Sender, send};

#[derive(sqlx::FromRow)]
struct Original {
    direction: String,
    status: Option<String>,
    content: Value,
    is_settled: bool,
    is_resent: bool,
}

/// Queues a copy of a failed, unknown or cancelled message.
pub async fn resend(
    tx: &mut TenantTx,
    conversation: ConversationId,
    message: MessageId,
    user: Option<Uuid>,
) -> Result<MessageId, InboxError> {
    let standing = Standing::lock(tx, conversation).await?;
    let original = find(tx, conversation, message).await?;
    if original.direction != "outbound" {
        return Err(InboxError::WrongState("only what the business wrote can be sent again"));
    }
    if !matches!(original.status.as_deref(), Some("failed" | "unknown" | "cancelled")) {
        return Err(InboxError::WrongState("this message did not fail; sending it again would say it twice"));
    }
    if !original.is_settled {
        return Err(InboxError::WrongState("its outcome is still being found out"));
    }
    if original.is_resent {
        return Err(InboxError::WrongState("it has been sent again already"));
    }
    let content = OutboundContent::deserialize(&original.content)
        .map_err(|_| InboxError::WrongState("this kind of message cannot be sent from here"))?;
    send(tx, &standing, &Sender { user, resend_of: Some(message), ..Sender::default() }, content).await
}

async fn find(tx: &mut TenantTx, conversation: ConversationId, message: MessageId) -> Result<Original, InboxError> {
    let tenant = tx.tenant();
    let found = sqlx::query_as(
        "SELECT m.direction, m.status::text AS status, coalesce(o.content, m.content) AS content,
                o.id IS NULL OR o.settled_at IS NOT NULL AS is_settled,
                EXISTS (SELECT FROM chat_messages r WHERE r.tenant_id = $1 AND r.resend_of = m.id) AS is_resent
         FROM chat_messages m LEFT JOIN outbox o ON o.tenant_id = m.tenant_id AND o.message_id = m.id
         WHERE m.tenant_id = $1 AND m.conversation_id = $2 AND m.id = $3
         FOR UPDATE OF m",
    )
    .bind(tenant)
    .bind(conversation)
    .bind(message)
    .fetch_optional(&mut **tx)
    .await?;
    found.ok_or(InboxError::NotFound("message"))
}
