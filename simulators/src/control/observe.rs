//! What the simulated parties have received and done, for assertions.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{PageQuery, page};
use crate::{
    state::{Sim, lock},
    ycloud::{deliveries::Outcome, message::OutboundMessage},
};

#[derive(Deserialize)]
pub(super) struct AcceptedQuery {
    since: Option<u64>,
    limit: Option<usize>,
    to: Option<String>,
    from: Option<String>,
    #[serde(rename = "externalId")]
    external_id: Option<String>,
}

impl AcceptedQuery {
    fn covers(&self, message: &OutboundMessage) -> bool {
        let to = [&message.to, &message.recipient];
        self.to.as_ref().is_none_or(|wanted| to.into_iter().flatten().any(|to| to == wanted))
            && self.from.as_ref().is_none_or(|wanted| *wanted == message.from)
            && self.external_id.as_ref().is_none_or(|wanted| Some(wanted) == message.external_id.as_ref())
    }
}

pub(super) async fn accepted(State(sim): State<Arc<Sim>>, Query(query): Query<AcceptedQuery>) -> Json<Value> {
    let store = lock(&sim.ycloud.store);
    let since = query.since.unwrap_or(0);
    let hits = store.outbound.since(since).filter(|(_, message)| query.covers(message));
    let items: Vec<Value> =
        hits.take(query.limit.unwrap_or(usize::MAX)).map(|(index, message)| store.accepted(index, message)).collect();
    let next = items.last().and_then(|item| item["index"].as_u64()).map_or(since, |index| index + 1);
    Json(json!({ "items": items, "next": next, "total": store.outbound.len() }))
}

pub(super) async fn accepted_count(State(sim): State<Arc<Sim>>, Query(query): Query<AcceptedQuery>) -> Json<Value> {
    let store = lock(&sim.ycloud.store);
    let since = query.since.unwrap_or(0);
    let count = store.outbound.since(since).filter(|(_, message)| query.covers(message)).count();
    Json(json!({ "count": count }))
}

#[derive(Deserialize)]
pub(super) struct DeliveriesQuery {
    since: Option<u64>,
    limit: Option<usize>,
    event_id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    /// `pending`, `delivered`, `gave_up` or `suspended`.
    state: Option<String>,
}

pub(super) async fn deliveries(State(sim): State<Arc<Sim>>, Query(query): Query<DeliveriesQuery>) -> Json<Value> {
    let deliveries = lock(&sim.ycloud.deliveries);
    let mut answer = page(&deliveries.log, &super::Page { since: query.since, limit: query.limit }, |delivery| {
        query.event_id.as_ref().is_none_or(|wanted| *wanted == delivery.event_id)
            && query.kind.as_ref().is_none_or(|wanted| *wanted == delivery.kind)
            && query.state.as_ref().is_none_or(|wanted| json!(delivery.state) == json!(wanted))
    });
    let pending = deliveries.log.iter().filter(|(_, it)| it.state == Outcome::Pending).count();
    answer["pending"] = json!(pending);
    Json(answer)
}

pub(super) async fn reads(State(sim): State<Arc<Sim>>, Query(query): PageQuery) -> Json<Value> {
    Json(page(&lock(&sim.ycloud.store).reads, &query, |_| true))
}

pub(super) async fn typing(State(sim): State<Arc<Sim>>, Query(query): PageQuery) -> Json<Value> {
    Json(page(&lock(&sim.ycloud.store).typing, &query, |_| true))
}

pub(super) async fn mails(State(sim): State<Arc<Sim>>, Query(query): PageQuery) -> Json<Value> {
    Json(page(&lock(&sim.mailbox).log, &query, |_| true))
}
