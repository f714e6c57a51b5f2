//! Everything of the API that does not send: retrieve, list, read marks, typing, numbers, balance.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use chrono::Utc;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    error::ApiFailure,
    message::OutboundMessage,
    store::{Mark, Tick},
};
use crate::state::{Sim, lock};

pub(super) async fn retrieve(State(sim): State<Arc<Sim>>, Path(id): Path<String>) -> Result<Json<Value>, ApiFailure> {
    let store = lock(&sim.ycloud.store);
    let message = store.outbound_index(&id).and_then(|index| store.outbound.get(index));
    let message = message.ok_or_else(|| ApiFailure::not_found("The message"))?;
    Ok(Json(message.render(message.status)))
}

/// The parameters that work on the real route; others are ignored there too.
#[derive(Deserialize)]
pub(super) struct ListQuery {
    page: Option<usize>,
    limit: Option<usize>,
    #[serde(rename = "includeTotal")]
    include_total: Option<bool>,
    #[serde(rename = "filter.wabaId")]
    waba_id: Option<String>,
    #[serde(rename = "filter.to")]
    to: Option<String>,
}

impl ListQuery {
    fn covers(&self, message: &OutboundMessage) -> bool {
        let same_waba = self.waba_id.as_ref().is_none_or(|waba_id| *waba_id == message.waba_id);
        same_waba && self.to.as_ref().is_none_or(|to| Some(to) == message.to.as_ref())
    }
}

pub(super) async fn list(State(sim): State<Arc<Sim>>, Query(query): Query<ListQuery>) -> Result<Json<Value>, ApiFailure> {
    let (page, limit) = (query.page.unwrap_or(1), query.limit.unwrap_or(10));
    if !(1..=100).contains(&page) {
        return Err(ApiFailure::invalid("page"));
    }
    if !(1..=100).contains(&limit) {
        return Err(ApiFailure::invalid("limit"));
    }
    let offset = (page - 1) * limit;
    let store = lock(&sim.ycloud.store);
    let matching = || store.outbound.iter().rev().map(|(_, message)| message).filter(|it| query.covers(it));
    let items: Vec<Value> = matching().skip(offset).take(limit).map(|message| message.render(message.status)).collect();
    let mut answer = json!({ "offset": offset, "limit": limit, "length": items.len(), "items": items });
    if query.include_total == Some(true) {
        answer["total"] = json!(matching().count());
    }
    Ok(Json(answer))
}

pub(super) async fn mark_as_read(State(sim): State<Arc<Sim>>, Path(id): Path<String>) -> Result<(), ApiFailure> {
    mark(&sim, &id, "markAsRead")
}

pub(super) async fn typing(State(sim): State<Arc<Sim>>, Path(id): Path<String>) -> Result<Json<Value>, ApiFailure> {
    mark(&sim, &id, "typing")?;
    Ok(Json(json!({ "success": true })))
}

pub(super) async fn typing_indicator(State(sim): State<Arc<Sim>>, Path(id): Path<String>) -> Result<(), ApiFailure> {
    mark(&sim, &id, "typingIndicator")
}

/// Typing marks the chat as read too; either way earlier messages are covered.
fn mark(sim: &Sim, id: &str, route: &'static str) -> Result<(), ApiFailure> {
    let mut store = lock(&sim.ycloud.store);
    let message = store.inbound_by_id(id).cloned().ok_or_else(|| ApiFailure::not_found("The message"))?;
    let mark = Mark {
        id: message.id.clone(),
        wamid: message.wamid.clone(),
        business: message.business.clone(),
        customer: message.customer.clone(),
        route,
        at: Utc::now(),
    };
    let read = if sim.phone.is_watched() { store.mark_chat(&message, Tick::Read) } else { Vec::new() };
    // Without a watcher only the message itself: walking the chat would slow down load tests.
    if let Some(message) = store.inbound_by_id(id) {
        message.tick = Tick::Read;
    }
    if route == "markAsRead" {
        store.reads.push(mark);
    } else {
        store.typing.push(mark);
        sim.phone.send(&message.customer, &message.business, "typing", json!({}));
    }
    sim.phone.ticks(&message.customer, &message.business, read, Tick::Read);
    Ok(())
}

pub(super) async fn balance() -> Json<Value> {
    Json(json!({ "amount": 25.0, "currency": "USD" }))
}

pub(super) async fn phone_numbers(State(sim): State<Arc<Sim>>) -> Response {
    let config = sim.config();
    let numbers = config.business_numbers.iter().enumerate();
    let items: Vec<Value> = numbers
        .map(|(position, number)| {
            json!({
                "id": (200_000_000_000_001_u64 + position as u64).to_string(),
                "phoneNumber": number.phone,
                "displayPhoneNumber": number.phone,
                "wabaId": config.waba_of(&number.phone),
                "verifiedName": number.name,
                "status": "CONNECTED",
                "qualityRating": "GREEN",
                "messagingLimit": "TIER_2K",
                "whatsappBusinessManagerMessagingLimit": "TIER_2K",
                "codeVerificationStatus": "VERIFIED",
                "isOfficialBusinessAccount": false,
                "nameStatus": "APPROVED",
            })
        })
        .collect();
    Json(json!({ "offset": 0, "limit": 100, "length": items.len(), "items": items })).into_response()
}
