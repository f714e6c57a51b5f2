//! The answer of `POST /chat`, field names as Nexus v3 had them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The answer. Stored with the request, so fields are only ever added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatAnswer {
    /// `ok`, `duplicate`, `processing` or `ignored`.
    pub status: String,
    /// Whether the caller delivers the messages.
    pub send: bool,
    /// All messages as one text.
    pub text: String,
    /// The messages, in order.
    pub messages: Vec<ChatMessage>,
    /// Why there is nothing to send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One message to deliver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatMessage {
    /// Its place, from 1.
    pub part: usize,
    /// How many there are.
    pub total: usize,
    /// What it says.
    pub text: String,
    /// Always null so far.
    #[serde(rename = "imageUrl")]
    pub image_url: Option<String>,
    /// Whether a person has to go on.
    pub needs_handoff: bool,
    /// The same under its other name.
    pub handoff: bool,
    /// Ids, for the caller's logs.
    pub meta: Value,
}

impl ChatAnswer {
    /// Texts to deliver.
    pub(super) fn ok(texts: Vec<String>, needs_handoff: bool, meta: &Value) -> Self {
        let total = texts.len();
        let text = texts.join("\n\n");
        let message = |(index, text)| ChatMessage {
            part: index + 1,
            total,
            text,
            image_url: None,
            needs_handoff,
            handoff: needs_handoff,
            meta: meta.clone(),
        };
        let messages = texts.into_iter().enumerate().map(message).collect();
        Self { status: "ok".to_owned(), send: true, text, messages, reason: None }
    }

    /// The same answer for a caller who has it already.
    pub(super) fn into_duplicate(self) -> Self {
        // What was ignored stays ignored: there never was an answer.
        let status = if self.status == "ignored" { self.status } else { "duplicate".to_owned() };
        Self { status, send: false, ..self }
    }

    /// Nothing to send, and why.
    pub(super) fn ignored(reason: &str) -> Self {
        Self { reason: Some(reason.to_owned()), ..Self::empty("ignored") }
    }

    /// Another call with the same event id is being answered.
    pub(super) fn processing() -> Self {
        Self::empty("processing")
    }

    fn empty(status: &str) -> Self {
        Self { status: status.to_owned(), send: false, text: String::new(), messages: Vec::new(), reason: None }
    }

    pub(super) fn to_json(&self) -> Value {
        json!(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_is_that_of_nexus_v3() {
        let answer = ChatAnswer::ok(vec!["a".to_owned(), "b".to_owned()], true, &json!({"turn_id": 1}));
        let expected = json!({"status": "ok", "send": true, "text": "a\n\nb", "messages": [
            {"part": 1, "total": 2, "text": "a", "imageUrl": null, "needs_handoff": true, "handoff": true, "meta": {"turn_id": 1}},
            {"part": 2, "total": 2, "text": "b", "imageUrl": null, "needs_handoff": true, "handoff": true, "meta": {"turn_id": 1}}
        ]});
        assert_eq!(answer.to_json(), expected);
        let duplicate = answer.into_duplicate();
        assert_eq!((duplicate.status.as_str(), duplicate.send, duplicate.messages.len()), ("duplicate", false, 2));
    }
}
