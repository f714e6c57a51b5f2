//! The people on both ends of a chat: a customer writes, the owner answers from the business's own phone.
//! Used by the phone page and by the control API alike.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use tokio::sync::oneshot;

use super::view;
use crate::{
    state::{Sim, lock},
    ycloud::{
        events::{self, Inbound},
        ids,
        store::InboundMessage,
        webhooks::{self, Attempt},
    },
};

type FirstAttempts = Vec<oneshot::Receiver<Attempt>>;

pub(crate) struct Written {
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) kind: String,
    pub(crate) content: Value,
    pub(crate) name: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) wamid: Option<String>,
    pub(crate) event_id: Option<String>,
    pub(crate) send_time: Option<DateTime<Utc>>,
    pub(crate) user_id: Option<Option<String>>,
    pub(crate) waba_id: Option<String>,
    pub(crate) extra: Map<String, Value>,
    pub(crate) delay_ms: u64,
    pub(crate) copies: u32,
}

pub(crate) fn write(sim: &Arc<Sim>, written: Written) -> Result<(String, InboundMessage, FirstAttempts), &'static str> {
    let (to, waba_id) = business(sim, written.to, written.waba_id)?;
    let derived = || written.from.as_deref().map(|phone| ids::user_id(&waba_id, phone));
    let user_id = written.user_id.clone().unwrap_or_else(derived);
    if written.from.is_none() && user_id.is_none() {
        return Err("from or user_id is required");
    }
    let inbound = Inbound {
        from: written.from,
        to,
        waba_id,
        user_id,
        name: written.name,
        username: written.username,
        kind: written.kind,
        content: written.content,
        id: written.id,
        wamid: written.wamid,
        event_id: written.event_id,
        send_time: written.send_time,
        extra: written.extra,
    };
    let (message, mut outgoing) = inbound.into_event(&mut lock(&sim.ycloud.store));
    outgoing.delay_ms = written.delay_ms;
    let event_id = outgoing.event_id.clone();
    if sim.phone.is_watched() {
        sim.phone.send(&message.customer, &message.business, "message", view::inbound(&message));
    }
    Ok((event_id, message, webhooks::dispatch(sim, outgoing, written.copies)))
}

/// An answer typed by a human in the business's own app.
pub(crate) fn echo(
    sim: &Arc<Sim>,
    from: Option<String>,
    to: &str,
    kind: &str,
    content: Value,
) -> Result<(String, String, FirstAttempts), &'static str> {
    let (business, waba_id) = business(sim, from, None)?;
    let (echo, outgoing) = events::echo(&waba_id, &business, to, kind, content);
    sim.phone.send(to, &business, "message", view::echo(&echo));
    let wamid = echo.wamid.clone();
    lock(&sim.ycloud.store).echoes.push(echo);
    let event_id = outgoing.event_id.clone();
    Ok((event_id, wamid, webhooks::dispatch(sim, outgoing, 1)))
}

/// The addressed number, or the first one. Numbers of other accounts are allowed: tests send events for them.
fn business(sim: &Sim, phone: Option<String>, waba_id: Option<String>) -> Result<(String, String), &'static str> {
    const FOREIGN_WABA: &str = "999999999999999";
    let config = sim.config();
    let first = || config.business_numbers.first().map(|number| number.phone.clone());
    let phone = phone.or_else(first).ok_or("no business number is configured")?;
    let waba_id = waba_id.or_else(|| config.waba_of(&phone)).unwrap_or_else(|| FOREIGN_WABA.to_owned());
    Ok((phone, waba_id))
}
