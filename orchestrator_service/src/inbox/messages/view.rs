//! A message as the thread shows it.

use chrono::{DateTime, Utc};
use nexus_core::ids::{ConversationId, MessageId, TurnId};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::failure::{self, Failure};
use crate::phrases::Language;

/// A message as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct MessageRow {
    /// Which.
    pub id: MessageId,
    /// Of which conversation.
    pub conversation_id: ConversationId,
    direction: String,
    author: String,
    author_user_id: Option<Uuid>,
    kind: String,
    body: String,
    content: Value,
    reply_to: Option<String>,
    provider_message_id: Option<String>,
    turn_id: Option<TurnId>,
    /// The provider's time, or ours for what we send.
    pub sent_at: DateTime<Utc>,
    status: Option<String>,
    status_at: Option<DateTime<Utc>>,
    error_code: Option<String>,
    error_detail: Option<String>,
    resend_of: Option<MessageId>,
    client_message_id: Option<String>,
}

/// One message.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Message {
    /// Which.
    #[schema(value_type = Uuid)]
    pub id: MessageId,
    /// Of which conversation.
    #[schema(value_type = Uuid)]
    pub conversation_id: ConversationId,
    /// inbound or outbound.
    pub direction: String,
    /// contact, assistant, agent, phone, provider_inbox or system.
    pub author: String,
    /// Which agent.
    pub author_user_id: Option<Uuid>,
    /// text, image, audio, …
    pub kind: String,
    /// The text, or one line that stands for it.
    pub body: String,
    /// What the provider sent, typed by `kind`.
    #[schema(value_type = Object)]
    pub content: Value,
    /// WhatsApp's id of the quoted message.
    pub reply_to: Option<String>,
    /// WhatsApp's id.
    pub provider_message_id: Option<String>,
    /// The turn that wrote it.
    #[schema(value_type = Option<Uuid>)]
    pub turn_id: Option<TurnId>,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// queued, unknown, cancelled, accepted, sent, failed, delivered or read; null for an inbound one.
    pub status: Option<String>,
    /// Since when.
    pub status_at: Option<DateTime<Utc>>,
    /// Why it failed, in words.
    pub failure: Option<Failure>,
    /// The message that this one sends again.
    #[schema(value_type = Option<Uuid>)]
    pub resend_of: Option<MessageId>,
    /// The browser's own id.
    pub client_message_id: Option<String>,
}

impl MessageRow {
    /// The message with its failure in the reader's language.
    #[must_use]
    pub fn in_words(self, language: Language) -> Message {
        let failure = self
            .status
            .as_deref()
            .and_then(|status| failure::explain(status, self.error_code.as_deref(), self.error_detail.as_deref(), language));
        Message {
            id: self.id,
            conversation_id: self.conversation_id,
            direction: self.direction,
            author: self.author,
            author_user_id: self.author_user_id,
            kind: self.kind,
            body: self.body,
            content: self.content,
            reply_to: self.reply_to,
            provider_message_id: self.provider_message_id,
            turn_id: self.turn_id,
            sent_at: self.sent_at,
            status: self.status,
            status_at: self.status_at,
            failure,
            resend_of: self.resend_of,
            client_message_id: self.client_message_id,
        }
    }
}

/// The columns of [`MessageRow`] from `m`.
macro_rules! message_rows {
    ($tail:literal) => {
        concat!(
            "SELECT m.id, m.conversation_id, m.direction, m.author, m.author_user_id, m.kind, m.body, m.content, m.reply_to,
                    m.provider_message_id, m.turn_id, m.sent_at, m.status::text AS status, m.status_at, m.error_code,
                    m.error_detail, m.resend_of, m.client_message_id
             FROM chat_messages m ",
            $tail
        )
    };
}
pub(crate) use message_rows;
