//! What is said, free of any provider: outbound content and the status of a message.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// WhatsApp's limit for the body of a text message, in characters.
pub const MAX_TEXT_CHARS: usize = 4096;

/// One message to the contact. Stored in the outbox, so variants and fields are only ever added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OutboundContent {
    /// Plain text, at most [`MAX_TEXT_CHARS`].
    Text {
        /// What is said.
        body: String,
    },
    /// A message that WhatsApp has approved; the only kind allowed outside the service window.
    Template {
        /// The approved name.
        name: String,
        /// The approved language, letter for letter.
        language: String,
        /// Parameters in the form the provider takes.
        components: Value,
        /// What the contact reads, with the parameters filled in.
        body: String,
    },
    /// A question with answers to choose from.
    List {
        /// The question.
        body: String,
        /// What opens the list, at most 20 characters.
        button: String,
        /// The answers, at most ten.
        rows: Vec<ListRow>,
    },
}

/// One answer of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListRow {
    /// Comes back when it is chosen; at most 200 characters.
    pub id: String,
    /// What the contact reads, at most 24 characters.
    pub title: String,
}

impl OutboundContent {
    /// The provider-neutral type, as stored in `chat_messages.kind`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Template { .. } => "template",
            Self::List { .. } => "interactive",
        }
    }

    /// One line that stands for it in prompts and previews.
    #[must_use]
    pub fn body(&self) -> &str {
        match self {
            Self::Text { body } | Self::Template { body, .. } | Self::List { body, .. } => body,
        }
    }

    /// Whether it may be sent only while the service window is open.
    #[must_use]
    pub const fn needs_open_window(&self) -> bool {
        !matches!(self, Self::Template { .. })
    }
}

/// How far a message has come. The order is the projection rule: whatever order the observations come in, the status
/// is the greatest of them. `Failed` stands below `Delivered`, because what somebody received has not failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type)]
#[sqlx(type_name = "message_status", rename_all = "snake_case")]
pub enum MessageStatus {
    /// In the outbox.
    Queued,
    /// The call was made and nobody knows with what result.
    Unknown,
    /// Will not be sent: control changed hands or the tenant forbade it.
    Cancelled,
    /// The provider took it.
    Accepted,
    /// On its way to the phone.
    Sent,
    /// The provider gave it up.
    Failed,
    /// On the phone.
    Delivered,
    /// Seen.
    Read,
}

impl MessageStatus {
    /// The name in the database and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Unknown => "unknown",
            Self::Cancelled => "cancelled",
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }

    /// Reads a status as providers name it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "accepted" => Some(Self::Accepted),
            "sent" => Some(Self::Sent),
            "failed" => Some(Self::Failed),
            "delivered" => Some(Self::Delivered),
            "read" => Some(Self::Read),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::MessageStatus::{Accepted, Delivered, Failed, Read, Sent};

    #[test]
    fn every_order_of_observations_ends_in_the_same_status() {
        let cases: &[(&[_], _)] = &[
            (&[Sent, Delivered, Read], Read),
            (&[Accepted, Sent, Failed], Failed),
            (&[Sent, Failed, Delivered], Delivered),
            (&[Accepted, Read], Read),
        ];
        for (observed, expected) in cases {
            for shift in 0..observed.len() {
                let mut order = observed.to_vec();
                order.rotate_left(shift);
                assert_eq!(order.iter().max(), Some(expected));
                order.reverse();
                assert_eq!(order.iter().max(), Some(expected));
            }
        }
    }
}
