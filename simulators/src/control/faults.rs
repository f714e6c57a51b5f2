//! Arms and removes faults.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::{Value, json};

use super::Refused;
use crate::{faults::Fault, state::Sim};

pub(super) async fn arm(State(sim): State<Arc<Sim>>, Json(fault): Json<Fault>) -> Json<Value> {
    Json(json!({ "id": sim.faults.arm(fault) }))
}

pub(super) async fn list(State(sim): State<Arc<Sim>>) -> Json<Value> {
    Json(json!({ "items": sim.faults.list() }))
}

pub(super) async fn clear(State(sim): State<Arc<Sim>>) -> Json<Value> {
    sim.faults.clear();
    Json(json!({ "removed": true }))
}

pub(super) async fn disarm(State(sim): State<Arc<Sim>>, Path(id): Path<u64>) -> Result<Json<Value>, Refused> {
    if sim.faults.disarm(id) {
        return Ok(Json(json!({ "removed": true })));
    }
    Err(Refused::missing(format!("no fault {id}")))
}
