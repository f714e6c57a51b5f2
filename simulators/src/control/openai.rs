//! Scripted model answers: queue them, hold them, let them go, read what was asked.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
};
use serde_json::{Value, json};

use super::{PageQuery, page};
use crate::{
    openai::script::Batch,
    state::{Sim, lock},
};

pub(super) async fn script(State(sim): State<Arc<Sim>>, Json(batch): Json<Batch>) -> Json<Value> {
    Json(json!({ "queued": sim.openai.script.add(batch) }))
}

/// Releases all held answers, or the oldest `count` of them.
pub(super) async fn release(State(sim): State<Arc<Sim>>, body: Bytes) -> Json<Value> {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let count = body["count"].as_u64().and_then(|count| usize::try_from(count).ok());
    Json(json!({ "released": sim.openai.script.release(count) }))
}

pub(super) async fn waiting(State(sim): State<Arc<Sim>>) -> Json<Value> {
    let script = &sim.openai.script;
    Json(json!({ "waiting": script.waiting(), "queued": script.queued() }))
}

pub(super) async fn requests(State(sim): State<Arc<Sim>>, Query(query): PageQuery) -> Json<Value> {
    Json(page(&lock(&sim.openai.requests), &query, |_| true))
}
