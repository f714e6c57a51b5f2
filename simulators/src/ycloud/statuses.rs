//! The life of an accepted message: `sent`, `delivered`, `read` or `failed`, each told by webhook.

use std::{sync::Arc, time::Duration};

use rand::seq::SliceRandom;
use serde_json::Value;

use super::{
    events,
    message::{Failure, Status},
    webhooks::{self, Outgoing},
};
use crate::state::{Sim, lock};

const WINDOW_CLOSED: &str = "131047";

/// Runs the automatic statuses of one message in the background.
pub(crate) fn start(sim: &Arc<Sim>, index: u64, sent_already: bool) {
    let sim = Arc::clone(sim);
    tokio::spawn(async move { run(&sim, index, sent_already).await });
}

async fn run(sim: &Arc<Sim>, index: u64, sent_already: bool) {
    let epoch = sim.epoch();
    let config = sim.config().clone();
    let outside_window = lock(&sim.ycloud.store).outbound.get(index).is_some_and(|it| it.outside_window);
    let first_pause = Duration::from_millis(config.sent_delay_ms);
    if outside_window {
        tokio::time::sleep(first_pause).await;
        emit(sim, index, Status::Failed, Some(window_closed()));
        return;
    }
    if !config.auto_statuses {
        return;
    }
    let between = Duration::from_millis(config.delivered_delay_ms.saturating_sub(config.sent_delay_ms));
    let mut plan = vec![(first_pause, Status::Sent), (between, Status::Delivered)];
    if sent_already {
        plan.remove(0);
    }
    if config.shuffle_statuses {
        plan.push((between, Status::Read));
        plan.shuffle(&mut rand::rng());
    }
    for (pause, status) in plan {
        tokio::time::sleep(pause).await;
        if sim.epoch() != epoch {
            return;
        }
        emit(sim, index, status, None);
    }
    let read = lock(&sim.ycloud.store)
        .outbound
        .get(index)
        .is_some_and(|message| message.read_requested && message.status < Status::Read);
    if read {
        emit(sim, index, Status::Read, None);
    }
}

/// The customer looked at the chat: what was delivered is read now, the rest as soon as it arrives.
pub(crate) fn chat_seen(sim: &Arc<Sim>, customer: &str, business: &str) {
    let mut due = Vec::new();
    {
        let mut store = lock(&sim.ycloud.store);
        let recent: Vec<u64> = store.outbound.iter().rev().take(2_000).map(|(index, _)| index).collect();
        for index in recent {
            let Some(message) = store.outbound.get_mut(index) else { continue };
            let mine = message.customer == customer && message.from == business && !message.outside_window;
            if !mine || message.read_requested {
                continue;
            }
            message.read_requested = true;
            if message.status == Status::Delivered {
                due.push(index);
            }
        }
    }
    for index in due {
        emit(sim, index, Status::Read, None);
    }
}

pub(crate) fn emit(sim: &Arc<Sim>, index: u64, status: Status, failure: Option<Failure>) {
    if let Some(outgoing) = observe(sim, index, status, failure) {
        drop(webhooks::dispatch(sim, outgoing, 1));
    }
}

/// Waits for the first attempt, so that the status overtakes the answer of the send call.
pub(crate) async fn emit_and_wait(sim: &Arc<Sim>, index: u64, status: Status) {
    if let Some(outgoing) = observe(sim, index, status, None) {
        for attempt in webhooks::dispatch(sim, outgoing, 1) {
            let _ = attempt.await;
        }
    }
}

/// Records the status and builds its event; also answers statuses that make no sense, as asked by a test.
fn observe(sim: &Sim, index: u64, status: Status, failure: Option<Failure>) -> Option<Outgoing> {
    let rendered: Value = {
        let mut store = lock(&sim.ycloud.store);
        let message = store.outbound.get_mut(index)?;
        message.observe(status, failure);
        message.render(status)
    };
    Some(events::outgoing("whatsapp.message.updated", "whatsappMessage", rendered, None))
}

fn window_closed() -> Failure {
    Failure {
        code: WINDOW_CLOSED.to_owned(),
        message: "Re-engagement message".to_owned(),
        details: Some(
            "Message failed to send because more than 24 hours have passed since the customer last replied \
             to this number."
                .to_owned(),
        ),
    }
}
