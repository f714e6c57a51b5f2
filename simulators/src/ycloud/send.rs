//! The two send endpoints: accept a message, remember it, set its statuses in motion.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::Utc;
use serde_json::Value;

use super::{
    check::{SendRequest, send_request},
    error::ApiFailure,
    ids,
    message::{OutboundMessage, Status},
    statuses,
    store::Tick,
};
use crate::{
    phone::view,
    state::{Sim, lock},
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Endpoint {
    Queue,
    Direct,
}

pub(crate) async fn queue(State(sim): State<Arc<Sim>>, body: Bytes) -> Response {
    send(&sim, &body, Endpoint::Queue).await
}

pub(crate) async fn direct(State(sim): State<Arc<Sim>>, body: Bytes) -> Response {
    send(&sim, &body, Endpoint::Direct).await
}

async fn send(sim: &Arc<Sim>, body: &[u8], endpoint: Endpoint) -> Response {
    let (index, answer) = match accept(sim, body, endpoint) {
        Ok(accepted) => accepted,
        Err(failure) => return failure.into_response(),
    };
    let status_first = sim.config().status_before_response;
    if status_first {
        statuses::emit_and_wait(sim, index, Status::Sent).await;
    }
    statuses::start(sim, index, status_first);
    Json(answer).into_response()
}

fn accept(sim: &Sim, body: &[u8], endpoint: Endpoint) -> Result<(u64, Value), ApiFailure> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|_| ApiFailure::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", "The request body is not valid JSON."))?;
    let request = send_request(&body)?;
    let (waba_id, enforce_window) = {
        let config = sim.config();
        (config.waba_of(&request.from).ok_or_else(ApiFailure::sender_unavailable)?, config.enforce_window)
    };
    if request.kind == "template"
        && let Some(refusal) = lock(&sim.ycloud.templates).refusal(&waba_id, &request.content)
    {
        return Err(refusal);
    }
    let mut store = lock(&sim.ycloud.store);
    let message = build(request, waba_id, endpoint, |user_id| store.phone_of(user_id).map(str::to_owned));
    let in_window =
        [&message.to, &message.recipient].into_iter().flatten().any(|customer| store.is_window_open(&message.from, customer));
    let message = OutboundMessage { outside_window: enforce_window && message.kind != "template" && !in_window, ..message };
    let answer = message.render(Status::Accepted);
    show_on_phone(sim, &mut store, &message);
    Ok((store.add_outbound(message), answer))
}

fn build(
    request: SendRequest,
    waba_id: String,
    endpoint: Endpoint,
    phone_of: impl Fn(&str) -> Option<String>,
) -> OutboundMessage {
    let recipient_user_id = match (&request.to, &request.recipient) {
        (_, Some(user_id)) => Some(user_id.clone()),
        (Some(phone), None) => Some(ids::user_id(&waba_id, phone)),
        (None, None) => None,
    };
    let customer = request
        .to
        .clone()
        .or_else(|| request.recipient.as_deref().and_then(phone_of))
        .or_else(|| request.recipient.clone())
        .unwrap_or_default();
    OutboundMessage {
        id: ids::hex24(),
        wamid: ids::wamid(),
        wamid_known: endpoint == Endpoint::Direct,
        waba_id,
        from: request.from,
        to: request.to,
        recipient: request.recipient,
        recipient_user_id,
        customer,
        kind: request.kind,
        content: request.content,
        context: request.context,
        external_id: request.external_id,
        endpoint: if endpoint == Endpoint::Direct { "sendDirectly" } else { "messages" },
        status: Status::Accepted,
        failure: None,
        created_at: Utc::now(),
        sent_at: None,
        delivered_at: None,
        read_at: None,
        outside_window: false,
        read_requested: false,
    }
}

fn show_on_phone(sim: &Sim, store: &mut super::store::Store, message: &OutboundMessage) {
    if message.outside_window || !sim.phone.is_watched() {
        return;
    }
    sim.phone.send(&message.customer, &message.from, "message", view::outbound(message));
    let last = store.inbound.iter().rev().map(|(_, inbound)| inbound);
    let last = last.take(2_000).find(|inbound| inbound.business == message.from && inbound.customer == message.customer);
    if let Some(last) = last.cloned() {
        let answered = store.mark_chat(&last, Tick::Answered);
        sim.phone.ticks(&message.customer, &message.from, answered, Tick::Answered);
    }
}
