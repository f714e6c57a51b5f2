//! The request of `POST /chat`, read field by field so that every mistake is named at once.

use nexus_core::phone::PhoneNumber;
use nexus_core::provider::Provider;
use nexus_core::text::without_nul;
use serde_json::{Map, Value};

const LONGEST_ID_CHARS: usize = 512;

/// A readable request.
#[derive(Clone, Debug)]
pub struct ChatRequest {
    /// Who brought the message to the caller.
    pub provider: Provider,
    /// The caller's duplicate guard.
    pub event_id: String,
    /// WhatsApp's id, if the caller knows it.
    pub provider_message_id: Option<String>,
    /// Who wrote.
    pub from: PhoneNumber,
    /// The business.
    pub to: PhoneNumber,
    /// What was written.
    pub text: String,
    /// The profile name.
    pub customer_name: Option<String>,
    /// The provider's event type.
    pub event_type: String,
    /// Goes back in the answer.
    pub correlation_id: Option<String>,
    /// What came along.
    pub media: Vec<Media>,
}

/// One attachment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// `image`, `audio`, …
    pub kind: String,
    /// Its caption.
    pub caption: Option<String>,
}

/// Reads fields and notes what is wrong with them.
struct Reader<'a> {
    fields: &'a Map<String, Value>,
    mistakes: Vec<String>,
}

impl ChatRequest {
    /// Reads a body, or says which fields are wrong.
    pub fn read(body: &[u8]) -> Result<Self, Vec<String>> {
        let value: Value = serde_json::from_slice(body).map_err(|_| vec!["the body is not JSON".to_owned()])?;
        let fields = value.as_object().ok_or_else(|| vec!["the body is not a JSON object".to_owned()])?;
        let mut reader = Reader { fields, mistakes: Vec::new() };
        let provider = reader.provider();
        let event_id = reader.id("event_id");
        let provider_message_id = reader.text(&["provider_message_id"]).map(|id| reader.checked_id("provider_message_id", id));
        let (from, to) = (reader.phone(&["from_number", "phone"]), reader.phone(&["to_number"]));
        let text = reader.text(&["text", "message"]).unwrap_or_default();
        let media = reader.media();
        let event_type = reader.text(&["event_type"]).unwrap_or_default();
        let customer_name = reader.text(&["customer_name", "name"]);
        let correlation_id = reader.text(&["correlation_id"]);
        if text.trim().is_empty() && media.is_empty() && !is_echo(&event_type) {
            reader.mistakes.push("text: is missing".to_owned());
        }
        match (from, to) {
            (Some(from), Some(to)) if reader.mistakes.is_empty() => Ok(Self {
                provider,
                event_id,
                provider_message_id,
                from,
                to,
                text,
                customer_name,
                event_type,
                correlation_id,
                media,
            }),
            _ => Err(reader.mistakes),
        }
    }

    /// Whether a person of the business wrote it, from the phone.
    #[must_use]
    pub fn is_echo(&self) -> bool {
        is_echo(&self.event_type)
    }

    /// One line that stands for the message: its text, and what came along.
    #[must_use]
    pub fn body(&self) -> String {
        let mut lines: Vec<String> = Some(self.text.clone()).filter(|text| !text.trim().is_empty()).into_iter().collect();
        lines.extend(self.media.iter().map(|media| match &media.caption {
            Some(caption) => format!("[{}] {caption}", media.kind),
            None => format!("[{}]", media.kind),
        }));
        lines.join("\n")
    }
}

fn is_echo(event_type: &str) -> bool {
    event_type.contains("echo") || event_type.ends_with("message.created")
}

impl Reader<'_> {
    /// The first of the names that holds something. A number is taken for its digits: callers are careless with phones.
    fn text(&mut self, names: &[&str]) -> Option<String> {
        for name in names {
            match self.fields.get(*name) {
                None | Some(Value::Null) => {}
                Some(Value::String(text)) if text.is_empty() => {}
                Some(Value::String(text)) => return Some(without_nul(text).into_owned()),
                Some(Value::Number(number)) => return Some(number.to_string()),
                Some(_) => self.mistakes.push(format!("{name}: is not a text")),
            }
        }
        None
    }

    fn provider(&mut self) -> Provider {
        let name = self.text(&["provider"]);
        let provider = name.as_deref().map_or(Some(Provider::YCloud), |name| Provider::parse(&name.to_lowercase()));
        provider.unwrap_or_else(|| {
            self.mistakes.push("provider: must be ycloud, meta or evolution".to_owned());
            Provider::YCloud
        })
    }

    fn id(&mut self, name: &str) -> String {
        let id = self.text(&[name]).unwrap_or_default();
        if id.trim().is_empty() {
            self.mistakes.push(format!("{name}: is missing"));
        }
        self.checked_id(name, id)
    }

    fn checked_id(&mut self, name: &str, id: String) -> String {
        if id.chars().count() > LONGEST_ID_CHARS {
            self.mistakes.push(format!("{name}: is longer than {LONGEST_ID_CHARS} characters"));
        }
        id
    }

    fn phone(&mut self, names: &[&str]) -> Option<PhoneNumber> {
        let name = names[0];
        let Some(text) = self.text(names) else {
            self.mistakes.push(format!("{name}: is missing"));
            return None;
        };
        let phone = PhoneNumber::parse(&text);
        if phone.is_none() {
            self.mistakes.push(format!("{name}: is not a phone number in international form"));
        }
        phone
    }

    fn media(&mut self) -> Vec<Media> {
        let items = match self.fields.get("media") {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Array(items)) => items,
            Some(_) => {
                self.mistakes.push("media: is not a list".to_owned());
                return Vec::new();
            }
        };
        let text = |item: &Value, names: &[&str]| {
            let found = names.iter().find_map(|name| item[*name].as_str()).filter(|text| !text.is_empty());
            found.map(|text| without_nul(text).into_owned())
        };
        let kind = |item: &Value| text(item, &["type", "kind"]).unwrap_or_else(|| "media".to_owned());
        items.iter().map(|item| Media { kind: kind(item), caption: text(item, &["caption"]) }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(body: &Value) -> Result<ChatRequest, Vec<String>> {
        ChatRequest::read(body.to_string().as_bytes())
    }

    #[test]
    fn the_names_of_both_generations_are_read() {
        let old = json!({"provider": "ycloud", "event_id": "e", "phone": 5493815550142u64, "to_number": "+5493815550100", "message": "a\u{0}b", "name": "Ana"});
        let request = read(&old).unwrap();
        assert_eq!((request.text.as_str(), request.from.as_str()), ("a\u{fffd}b", "+5493815550142"));
        assert_eq!(request.customer_name.as_deref(), Some("Ana"));
    }

    #[test]
    fn every_wrong_field_is_named() {
        let wrong = json!({"provider": "sms", "event_id": " ", "from_number": "x", "text": ["a"], "media": 1});
        let mistakes = read(&wrong).unwrap_err().join("; ");
        for name in ["provider", "event_id", "from_number", "to_number", "text", "media"] {
            assert!(mistakes.contains(name), "{name} is missing in {mistakes}");
        }
        assert!(ChatRequest::read(b"{").is_err() && ChatRequest::read(b"[]").is_err());
    }

    #[test]
    fn media_alone_is_a_message_and_is_mentioned() {
        let media = json!({"event_id": "e", "from_number": "5493815550142", "to_number": "5493815550100",
                           "media": [{"type": "image", "caption": "mi perro"}, {"url": "https://example.com"}]});
        assert_eq!(read(&media).unwrap().body(), "[image] mi perro\n[media]");
    }

    #[test]
    fn an_echo_needs_no_text() {
        let echo = json!({"event_id": "e", "from_number": "5493815550142", "to_number": "5493815550100", "event_type": "whatsapp.smb.message.echoes"});
        assert!(read(&echo).unwrap().is_echo());
    }
}
