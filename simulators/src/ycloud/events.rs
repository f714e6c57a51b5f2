//! Builds webhook events in the documented envelope: messages from customers and from the business's phone.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{
    ids,
    store::{Echo, InboundMessage, Store, Tick},
    webhooks::{Outgoing, Signing},
};

pub(crate) fn outgoing(kind: &str, payload_key: &str, payload: Value, event_id: Option<String>) -> Outgoing {
    let event_id = event_id.unwrap_or_else(ids::event);
    let envelope = json!({
        "id": event_id,
        "type": kind,
        "apiVersion": "v2",
        "createTime": ids::time(Utc::now()),
        payload_key: payload,
    });
    Outgoing {
        event_id,
        kind: kind.to_owned(),
        // Serialised once: the bytes that are signed are the bytes that are sent, on every attempt.
        body: Bytes::from(envelope.to_string()),
        signing: Signing::Right,
        path: None,
        inbound_id: None,
        delay_ms: 0,
    }
}

/// What a test or the phone page says about a message from a customer.
pub(crate) struct Inbound {
    pub(crate) from: Option<String>,
    pub(crate) to: String,
    pub(crate) waba_id: String,
    pub(crate) user_id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) kind: String,
    pub(crate) content: Value,
    pub(crate) id: Option<String>,
    pub(crate) wamid: Option<String>,
    pub(crate) event_id: Option<String>,
    pub(crate) send_time: Option<DateTime<Utc>>,
    /// Further fields, copied as they are (`context`, `referral`, `errors`, unknown ones).
    pub(crate) extra: Map<String, Value>,
}

impl Inbound {
    /// Records the message, opens the service window and answers the event to deliver.
    pub(crate) fn into_event(self, store: &mut Store) -> (InboundMessage, Outgoing) {
        let at = self.send_time.unwrap_or_else(Utc::now);
        let id = self.id.clone().unwrap_or_else(ids::hex24);
        let wamid = self.wamid.clone().unwrap_or_else(ids::wamid);
        let message = InboundMessage {
            id: id.clone(),
            wamid: wamid.clone(),
            business: self.to.clone(),
            customer: self.from.clone().or_else(|| self.user_id.clone()).unwrap_or_default(),
            kind: self.kind.clone(),
            content: self.content.clone(),
            at,
            tick: Tick::Pending,
        };
        store.open_window(&self.to, self.from.as_deref(), self.user_id.as_deref(), at);
        store.add_inbound(message.clone());
        let event_id = self.event_id.clone();
        let payload = self.payload(&id, &wamid, at);
        let mut outgoing = outgoing("whatsapp.inbound_message.received", "whatsappInboundMessage", payload, event_id);
        outgoing.inbound_id = Some(id);
        (message, outgoing)
    }

    fn payload(self, id: &str, wamid: &str, at: DateTime<Utc>) -> Value {
        let mut payload = Map::new();
        let mut put = |key: &str, value: Value| {
            if !value.is_null() {
                payload.insert(key.to_owned(), value);
            }
        };
        put("id", json!(id));
        put("wamid", json!(wamid));
        put("wabaId", json!(self.waba_id));
        put("from", json!(self.from));
        put("fromUserId", json!(self.user_id));
        let mut profile = Map::new();
        if let Some(name) = self.name {
            profile.insert("name".into(), json!(name));
        }
        if let Some(username) = self.username {
            profile.insert("username".into(), json!(username));
        }
        // Number changes and the like come without a profile.
        if !profile.is_empty() && self.kind != "system" {
            put("customerProfile", Value::Object(profile));
        }
        put("to", json!(self.to));
        put("sendTime", json!(ids::time(at)));
        put("type", json!(self.kind));
        put(&self.kind, self.content);
        for (key, value) in self.extra {
            put(&key, value);
        }
        Value::Object(payload)
    }
}

/// A message typed by the owner in the WhatsApp Business app.
pub(crate) fn echo(waba_id: &str, business: &str, customer: &str, kind: &str, content: Value) -> (Echo, Outgoing) {
    let at = Utc::now();
    let wamid = ids::wamid();
    let mut payload = json!({
        "id": ids::hex24(),
        "wamid": wamid,
        "wabaId": waba_id,
        "from": business,
        "type": kind,
        kind: content,
        "status": "sent",
        "createTime": ids::time(at),
        "sendTime": ids::time(at),
        "bizType": "whatsapp",
    });
    // A customer without a visible number is named by user id only.
    payload[if customer.starts_with('+') { "to" } else { "toUserId" }] = json!(customer);
    let echo = Echo {
        wamid,
        business: business.to_owned(),
        customer: customer.to_owned(),
        content: json!({ "type": kind, kind: payload[kind] }),
        at,
    };
    (echo, outgoing("whatsapp.smb.message.echoes", "whatsappMessage", payload, None))
}

/// Fixtures sent raw count as customer messages too, so that answers to them find an open window.
pub(crate) fn note_raw(store: &mut Store, event: &Value) -> Option<String> {
    if event["type"] != "whatsapp.inbound_message.received" {
        return None;
    }
    let message = &event["whatsappInboundMessage"];
    let business = message["to"].as_str()?;
    let (phone, user_id) = (message["from"].as_str(), message["fromUserId"].as_str());
    let id = message["id"].as_str()?.to_owned();
    let kind = message["type"].as_str().unwrap_or("unsupported");
    // Now and not `sendTime`: fixtures carry dates that are long past.
    store.open_window(business, phone, user_id, Utc::now());
    store.add_inbound(InboundMessage {
        id: id.clone(),
        wamid: message["wamid"].as_str().unwrap_or(&id).to_owned(),
        business: business.to_owned(),
        customer: phone.or(user_id).unwrap_or_default().to_owned(),
        kind: kind.to_owned(),
        content: message[kind].clone(),
        at: Utc::now(),
        tick: Tick::Pending,
    });
    Some(id)
}
