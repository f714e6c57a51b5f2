//! What the provider remembers: messages out, in and echoed, read marks, typing calls, service windows.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    ids,
    message::{OutboundMessage, Status},
};
use crate::log::Log;

const REMEMBERED: usize = 100_000;
const WINDOW: i64 = 24;

#[derive(Clone)]
pub(crate) struct InboundMessage {
    pub(crate) id: String,
    pub(crate) wamid: String,
    pub(crate) business: String,
    pub(crate) customer: String,
    pub(crate) kind: String,
    pub(crate) content: Value,
    pub(crate) at: DateTime<Utc>,
    pub(crate) tick: Tick,
}

/// What the customer sees under an own message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Tick {
    Pending,
    Lost,
    Accepted,
    Answered,
    Read,
}

#[derive(Clone)]
pub(crate) struct Echo {
    pub(crate) wamid: String,
    pub(crate) business: String,
    pub(crate) customer: String,
    pub(crate) content: Value,
    pub(crate) at: DateTime<Utc>,
}

/// A `markAsRead` or a typing call on an inbound message.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Mark {
    pub(crate) id: String,
    pub(crate) wamid: String,
    pub(crate) business: String,
    pub(crate) customer: String,
    pub(crate) route: &'static str,
    pub(crate) at: DateTime<Utc>,
}

pub(crate) struct Store {
    pub(crate) outbound: Log<OutboundMessage>,
    outbound_ids: HashMap<String, u64>,
    pub(crate) inbound: Log<InboundMessage>,
    inbound_ids: HashMap<String, u64>,
    pub(crate) echoes: Log<Echo>,
    pub(crate) reads: Log<Mark>,
    pub(crate) typing: Log<Mark>,
    windows: HashMap<(String, String), DateTime<Utc>>,
    phones: HashMap<String, String>,
}

impl Store {
    pub(crate) fn new() -> Self {
        Self {
            outbound: Log::new(REMEMBERED),
            outbound_ids: HashMap::new(),
            inbound: Log::new(REMEMBERED),
            inbound_ids: HashMap::new(),
            echoes: Log::new(REMEMBERED),
            reads: Log::new(REMEMBERED),
            typing: Log::new(REMEMBERED),
            windows: HashMap::new(),
            phones: HashMap::new(),
        }
    }

    pub(crate) fn clear(&mut self) {
        self.outbound.clear();
        self.outbound_ids.clear();
        self.inbound.clear();
        self.inbound_ids.clear();
        self.echoes.clear();
        self.reads.clear();
        self.typing.clear();
        self.windows.clear();
        self.phones.clear();
    }

    pub(crate) fn add_outbound(&mut self, message: OutboundMessage) -> u64 {
        let keys = [message.id.clone(), message.wamid.clone()];
        let (index, evicted) = self.outbound.push(message);
        if let Some(old) = evicted {
            self.outbound_ids.remove(&old.id);
            self.outbound_ids.remove(&old.wamid);
        }
        self.outbound_ids.extend(keys.map(|key| (key, index)));
        index
    }

    pub(crate) fn add_inbound(&mut self, message: InboundMessage) {
        let keys = [message.id.clone(), message.wamid.clone()];
        let (index, evicted) = self.inbound.push(message);
        if let Some(old) = evicted {
            self.inbound_ids.remove(&old.id);
            self.inbound_ids.remove(&old.wamid);
        }
        self.inbound_ids.extend(keys.map(|key| (key, index)));
    }

    /// By the provider's id or by wamid; both work in paths.
    pub(crate) fn outbound_index(&self, id: &str) -> Option<u64> {
        self.outbound_ids.get(id).copied()
    }

    pub(crate) fn outbound_by_external_id(&self, external_id: &str) -> Option<u64> {
        let mut newest_first = self.outbound.iter().rev();
        let found = newest_first.find(|(_, message)| message.external_id.as_deref() == Some(external_id));
        found.map(|(index, _)| index)
    }

    pub(crate) fn inbound_by_id(&mut self, id: &str) -> Option<&mut InboundMessage> {
        let index = *self.inbound_ids.get(id)?;
        self.inbound.get_mut(index)
    }

    /// A customer is known by number, by user id, or by both.
    pub(crate) fn open_window(&mut self, business: &str, phone: Option<&str>, user_id: Option<&str>, at: DateTime<Utc>) {
        if let (Some(phone), Some(user_id)) = (phone, user_id) {
            self.phones.insert(user_id.to_owned(), phone.to_owned());
        }
        for customer in [phone, user_id].into_iter().flatten() {
            let window = self.windows.entry((business.to_owned(), customer.to_owned())).or_insert(at);
            *window = at.max(*window);
        }
    }

    pub(crate) fn is_window_open(&self, business: &str, customer: &str) -> bool {
        self.windows
            .get(&(business.to_owned(), customer.to_owned()))
            .is_some_and(|opened| Utc::now() - *opened < Duration::hours(WINDOW))
    }

    /// The number behind a user id, once a message carried both.
    pub(crate) fn phone_of(&self, user_id: &str) -> Option<&str> {
        self.phones.get(user_id).map(String::as_str)
    }

    /// Marks the chat up to one message and answers what changed on the customer's phone.
    pub(crate) fn mark_chat(&mut self, upto: &InboundMessage, tick: Tick) -> Vec<String> {
        let mut changed = Vec::new();
        for index in self.inbound.iter().rev().take(2_000).map(|(index, _)| index).collect::<Vec<_>>() {
            let Some(message) = self.inbound.get_mut(index) else { continue };
            let same_chat = message.business == upto.business && message.customer == upto.customer;
            if same_chat && message.at <= upto.at && message.tick < tick {
                message.tick = tick;
                changed.push(message.wamid.clone());
            }
        }
        changed
    }

    pub(crate) fn accepted(&self, index: u64, message: &OutboundMessage) -> Value {
        json!({
            "index": index,
            "id": message.id,
            "wamid": message.wamid,
            "externalId": message.external_id,
            "from": message.from,
            "to": message.to,
            "recipient": message.recipient,
            "type": message.kind,
            "content": message.content,
            "context": message.context,
            "status": message.status,
            "failed": message.status == Status::Failed,
            "at": ids::time(message.created_at),
            "endpoint": message.endpoint,
        })
    }
}
