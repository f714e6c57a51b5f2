//! What an event means. Reads loose JSON, because fields, types and values are added without notice: a wrong type is a
//! missing field, and a missing field is only fatal where nothing could be stored without it.

use chrono::{DateTime, Utc};
use nexus_core::message::MessageStatus;
use nexus_core::phone::PhoneNumber;
use nexus_core::seam::identity::Identifiers;
use nexus_core::seam::inbox::Origin;
use nexus_core::text;
use serde_json::Value;

use super::content;
use crate::providers::{InboundMessage, StatusReport, TemplateReport, Translated};

/// Longest identifier we store; ids of the contract have at most 255 characters.
const MAX_ID: usize = 255;

/// Translates the bytes of one event.
#[must_use]
pub fn translate(body: &[u8], now: DateTime<Utc>) -> Translated {
    let event: Value = match serde_json::from_slice(body) {
        Ok(event) => text::json_without_nul(event),
        Err(_) => return Translated::Parked("the body is not JSON".to_owned()),
    };
    let Some(kind) = string(&event, "type") else {
        return Translated::Parked("the event has no type".to_owned());
    };
    let reader = Reader { event: &event, now };
    let translated = match kind {
        "whatsapp.inbound_message.received" => reader.inbound(),
        "whatsapp.message.updated" => reader.status(),
        "whatsapp.smb.message.echoes" | "whatsapp.smb.message.created" => reader.echo(),
        "whatsapp.template.reviewed" | "whatsapp.template.category_updated" | "whatsapp.template.quality_updated" => {
            reader.template()
        }
        "whatsapp.smb.history" if event.get("whatsappInboundMessage").or(event.get("whatsappMessage")).is_some() => {
            return Translated::Parked("importing history is not supported yet".to_owned());
        }
        other => return Translated::Ignored(format!("nothing to do for {}", text::truncated(other, 100))),
    };
    translated.unwrap_or_else(|missing| Translated::Parked(missing.to_owned()))
}

struct Reader<'a> {
    event: &'a Value,
    now: DateTime<Utc>,
}

impl Reader<'_> {
    fn inbound(&self) -> Result<Translated, &'static str> {
        let message = object(self.event, "whatsappInboundMessage").ok_or("the event has no whatsappInboundMessage")?;
        let business_number = string(message, "to").ok_or("the message does not say to which number it was sent")?;
        let contact = Identifiers {
            phone: string(message, "from").and_then(PhoneNumber::parse),
            user_id: id(message, "fromUserId"),
            group: id(message, "groupId"),
        };
        let mut read = self.message(message, business_number, contact, Origin::Contact)?;
        let is_group = read.contact.group.is_some();
        let line = content::line(&read.kind, &read.content);
        if is_group || !line.deserves_answer {
            read.origin = Origin::ContactQuietly;
        }
        Ok(Translated::Message(Box::new(read)))
    }

    fn echo(&self) -> Result<Translated, &'static str> {
        let message = object(self.event, "whatsappMessage").ok_or("the event has no whatsappMessage")?;
        Ok(Translated::Message(Box::new(self.outbound(message, Origin::Phone)?)))
    }

    fn status(&self) -> Result<Translated, &'static str> {
        let Some(message) = object(self.event, "whatsappMessage") else {
            return Ok(Translated::Ignored("a group status".to_owned()));
        };
        let Some(status) = string(message, "status").and_then(MessageStatus::parse) else {
            return Ok(Translated::Ignored("a status we do not know".to_owned()));
        };
        // A free-form message that we did not send was written by a person in the provider's console; a template was
        // most likely a campaign, and what failed was read by nobody.
        let is_campaign = string(message, "type") == Some("template") || status == MessageStatus::Failed;
        let origin = if is_campaign { Origin::Campaign } else { Origin::ProviderInbox };
        Ok(Translated::Status(Box::new(StatusReport {
            external_id: id(message, "externalId"),
            status,
            occurred_at: self.status_time(message, status),
            error_code: id(message, "errorCode").or_else(|| string_at(message, "/whatsappApiError/code")),
            error_detail: string(message, "errorMessage").map(|words| text::truncated(words, 500).to_owned()),
            message: self.outbound(message, origin)?,
        })))
    }

    fn template(&self) -> Result<Translated, &'static str> {
        let template = object(self.event, "whatsappTemplate").ok_or("the event has no whatsappTemplate")?;
        let named = |key: &str| id(template, key).ok_or("the event does not say which template it is about");
        let one_of = |key: &str, known: &[&str], otherwise: &str| {
            let value = string(template, key)?.to_lowercase();
            Some(if known.contains(&value.as_str()) { value } else { otherwise.to_owned() })
        };
        let statuses = ["pending", "approved", "rejected", "paused", "disabled", "archived", "in_appeal", "deleted"];
        Ok(Translated::Template(Box::new(TemplateReport {
            account: named("wabaId")?,
            name: named("name")?,
            language: named("language")?,
            status: one_of("status", &statuses, "unknown"),
            category: one_of("category", &["authentication", "marketing", "utility"], "other"),
            quality: one_of("qualityRating", &["green", "yellow", "red"], "unknown"),
            reason: string(template, "reason")
                .filter(|reason| *reason != "NONE")
                .map(|words| text::truncated(words, 500).to_owned()),
            provider_id: id(template, "officialTemplateId"),
            // The event's own time: the template's may be that of its last edit, long before.
            reported_at: self.time(self.event, &["createTime"]),
        })))
    }

    fn outbound(&self, message: &Value, origin: Origin) -> Result<InboundMessage, &'static str> {
        let business_number = string(message, "from").ok_or("the message does not say from which number it was sent")?;
        let contact = Identifiers {
            phone: string(message, "to").and_then(PhoneNumber::parse),
            user_id: ["recipientUserId", "toUserId", "recipient"].iter().find_map(|key| id(message, key)),
            group: None,
        };
        self.message(message, business_number, contact, origin)
    }

    fn message(
        &self,
        message: &Value,
        business_number: &str,
        contact: Identifiers,
        origin: Origin,
    ) -> Result<InboundMessage, &'static str> {
        if contact.is_empty() {
            return Err("the message names nobody");
        }
        let provider_ref = id(message, "id");
        let by_ref = || provider_ref.as_ref().map(|id| format!("ycloud:{id}"));
        let provider_message_id = id(message, "wamid").or_else(by_ref).ok_or("the message has no id")?;
        let kind = string(message, "type").map_or_else(|| "unknown".to_owned(), |kind| text::truncated(kind, 64).to_owned());
        let content = message.get(&kind).cloned().unwrap_or(Value::Null);
        Ok(InboundMessage {
            business_number: business_number.to_owned(),
            origin,
            name: string_at(message, "/customerProfile/name").or_else(|| string_at(message, "/customerProfile/username")),
            contact,
            provider_message_id,
            provider_ref,
            reply_to: string_at(message, "/context/id"),
            body: content::line(&kind, &content).text,
            kind,
            content,
            sent_at: self.time(message, &["sendTime", "createTime"]),
        })
    }

    fn status_time(&self, message: &Value, status: MessageStatus) -> DateTime<Utc> {
        match status {
            MessageStatus::Read => self.time(message, &["readTime", "updateTime"]),
            MessageStatus::Delivered => self.time(message, &["deliverTime", "updateTime"]),
            MessageStatus::Failed => self.time(message, &["updateTime"]),
            _ => self.time(message, &["sendTime", "updateTime"]),
        }
    }

    /// The first readable time, else the event's, else now. Never in the future: a clock that is ahead must not hold a
    /// conversation's order or its service window open.
    fn time(&self, message: &Value, keys: &[&str]) -> DateTime<Utc> {
        let read = |object: &Value, key: &str| string(object, key).and_then(|text| text.parse::<DateTime<Utc>>().ok());
        let time = keys.iter().find_map(|key| read(message, key)).or_else(|| read(self.event, "createTime"));
        let is_storable = |time: &DateTime<Utc>| time.timestamp() > 0;
        time.filter(is_storable).map_or(self.now, |time| time.min(self.now))
    }
}

fn object<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    value.get(key).filter(|value| value.is_object())
}

fn string<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

fn string_at(value: &Value, pointer: &str) -> Option<String> {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
        .map(|text| text::truncated(text, MAX_ID).to_owned())
}

/// An opaque id: text, or a number where the contract says text.
fn id(value: &Value, key: &str) -> Option<String> {
    let id = match value.get(key)? {
        Value::String(id) => id.trim().to_owned(),
        Value::Number(id) => id.to_string(),
        _ => return None,
    };
    (!id.is_empty() && id.len() <= MAX_ID).then_some(id)
}
