//! The control API: how tests and demos steer the simulated world and read what happened in it.

mod config;
mod faults;
mod observe;
mod oidc;
mod openai;
mod templates;
mod ycloud;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    log::{Indexed, Log},
    state::Sim,
};

pub(crate) fn router() -> Router<Arc<Sim>> {
    Router::new()
        .route("/health", get(async || Json(json!({ "status": "ok" }))))
        .route("/reset", post(reset))
        .route("/faults", get(faults::list).post(faults::arm).delete(faults::clear))
        .route("/faults/{id}", delete(faults::disarm))
        .route("/ycloud/config", get(config::show).post(config::update))
        .route("/ycloud/inbound", post(ycloud::inbound))
        .route("/ycloud/event", post(ycloud::event))
        .route("/ycloud/echo", post(ycloud::echo))
        .route("/ycloud/status", post(ycloud::status))
        .route("/ycloud/template", post(templates::template))
        .route("/ycloud/accepted", get(observe::accepted))
        .route("/ycloud/accepted/count", get(observe::accepted_count))
        .route("/ycloud/deliveries", get(observe::deliveries))
        .route("/ycloud/reads", get(observe::reads))
        .route("/ycloud/typing", get(observe::typing))
        .route("/openai/script", post(openai::script))
        .route("/openai/release", post(openai::release))
        .route("/openai/waiting", get(openai::waiting))
        .route("/openai/requests", get(openai::requests))
        .route("/oidc/config", get(oidc::show).post(oidc::update))
        .route("/smtp/messages", get(observe::mails))
}

async fn reset(State(sim): State<Arc<Sim>>) -> Json<Value> {
    sim.reset();
    Json(json!({ "reset": true }))
}

/// A request the control API cannot make sense of.
struct Refused(StatusCode, String);

impl Refused {
    fn bad(message: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, message.into())
    }

    fn missing(message: impl Into<String>) -> Self {
        Self(StatusCode::NOT_FOUND, message.into())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

/// Paging of every list: start at `since`, at most `limit` entries.
#[derive(Deserialize)]
struct Page {
    since: Option<u64>,
    limit: Option<usize>,
}

type PageQuery = Query<Page>;

fn page<T: Clone + Serialize>(log: &Log<T>, page: &Page, keep: impl Fn(&T) -> bool) -> Value {
    let entries = log.since(page.since.unwrap_or(0)).filter(|(_, entry)| keep(entry));
    let items: Vec<Indexed<T>> =
        entries.take(page.limit.unwrap_or(usize::MAX)).map(|(index, entry)| Indexed { index, entry: entry.clone() }).collect();
    let next = items.last().map_or(page.since.unwrap_or(0), |item| item.index + 1);
    json!({ "items": items, "next": next, "total": log.len() })
}
