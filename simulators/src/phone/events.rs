//! Live news for open phone pages; free of cost while nobody watches.

use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::broadcast;

use crate::ycloud::store::Tick;

const BUFFERED: usize = 1024;

#[derive(Clone, Serialize)]
pub(crate) struct PhoneEvent {
    #[serde(skip)]
    pub(crate) customer: String,
    #[serde(skip)]
    pub(crate) business: String,
    pub(crate) event: &'static str,
    pub(crate) data: Value,
}

pub(crate) struct PhoneEvents(broadcast::Sender<PhoneEvent>);

impl PhoneEvents {
    pub(crate) fn new() -> Self {
        Self(broadcast::channel(BUFFERED).0)
    }

    pub(crate) fn is_watched(&self) -> bool {
        self.0.receiver_count() > 0
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<PhoneEvent> {
        self.0.subscribe()
    }

    pub(crate) fn send(&self, customer: &str, business: &str, event: &'static str, data: Value) {
        if self.is_watched() {
            let (customer, business) = (customer.to_owned(), business.to_owned());
            let _ = self.0.send(PhoneEvent { customer, business, event, data });
        }
    }

    pub(crate) fn ticks(&self, customer: &str, business: &str, wamids: Vec<String>, tick: Tick) {
        if !wamids.is_empty() {
            self.send(customer, business, "tick", json!({ "ids": wamids, "tick": tick }));
        }
    }

    /// Every page loads its chat anew.
    pub(crate) fn resync(&self) {
        self.send("", "", "resync", Value::Null);
    }
}
