//! What a handoff mail job has to do and how far it has come. Versioned, so that rows written before a deploy are still
//! read after it.

use nexus_core::ids::ConversationId;
use nexus_core::text::json_without_nul;
use serde::{Deserialize, Serialize};
use serde_json::Value;

const VERSION: u8 = 1;

/// The payload, version 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandoffMail {
    v: u8,
    /// Which conversation waits.
    pub conversation_id: ConversationId,
    /// Why.
    pub reason: Reason,
    /// Who is told; fixed at the first try, so that a retry knows who has been.
    #[serde(default)]
    pub recipients: Vec<Recipient>,
}

/// Why a person is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Reason {
    /// The assistant asked for it.
    Assistant {
        /// Its reason.
        reason: String,
        /// Its summary, possibly empty.
        summary: String,
    },
    /// The assistant could not answer.
    Failure,
}

/// One recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// The address.
    pub address: String,
    /// How far.
    pub state: RecipientState,
}

/// How far a recipient's mail has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecipientState {
    /// Still to be told.
    Waiting,
    /// Told.
    Sent,
    /// The server will never take it.
    Refused,
}

impl HandoffMail {
    /// A mail that nobody has got yet.
    #[must_use]
    pub fn new(conversation_id: ConversationId, reason: Reason) -> Self {
        Self { v: VERSION, conversation_id, reason, recipients: Vec::new() }
    }

    /// Reads a stored payload; `None` for a version this build does not know.
    #[must_use]
    pub fn read(payload: &Value) -> Option<Self> {
        Self::deserialize(payload).ok().filter(|mail| mail.v == VERSION)
    }

    /// What is stored.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json_without_nul(serde_json::to_value(self).unwrap_or_default())
    }

    /// Fixes who is told, if it is not fixed yet.
    pub fn address_to(&mut self, addresses: Vec<String>) {
        if self.recipients.is_empty() {
            let waiting = |address| Recipient { address, state: RecipientState::Waiting };
            self.recipients = addresses.into_iter().map(waiting).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn stored_payloads_are_read_back_and_unknown_versions_are_not() {
        let mail = HandoffMail::new(ConversationId::new(), Reason::Failure);
        assert_eq!(HandoffMail::read(&mail.to_json()), Some(mail.clone()));
        let stored = json!({"v": 1, "conversation_id": mail.conversation_id, "reason": {"by": "failure"}});
        assert_eq!(HandoffMail::read(&stored), Some(mail));
        assert_eq!(HandoffMail::read(&json!({"v": 2})), None);
    }

    #[test]
    fn recipients_are_fixed_once() {
        let mut mail = HandoffMail::new(ConversationId::new(), Reason::Failure);
        mail.address_to(vec!["a@example.com".to_owned()]);
        mail.address_to(vec!["b@example.com".to_owned()]);
        assert_eq!(mail.recipients.len(), 1);
    }
}
