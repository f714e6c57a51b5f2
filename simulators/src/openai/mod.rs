//! The chat side of the OpenAI API: routes, key check, headers, and the memory of requests.
//! `script` gives the answers a test has queued, `rules` gives believable ones of its own.

mod answer;
mod chat;
mod check;
pub(crate) mod error;
mod facts;
mod intents;
mod language;
mod phrases;
mod rules;
pub(crate) mod script;
mod tools;

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Serialize;
use serde_json::{Value, json};

use self::script::Script;
use crate::{
    faults::{Target, layer::inject},
    log::Log,
    state::{Sim, lock},
};

/// Whole conversations are kept, so fewer of them than of anything else.
const REMEMBERED: usize = 10_000;

pub(crate) struct OpenAi {
    pub(crate) script: Script,
    pub(crate) requests: Mutex<Log<Received>>,
}

/// One chat request as it came in, and who answered it.
#[derive(Clone, Serialize)]
pub(crate) struct Received {
    pub(crate) at: String,
    pub(crate) body: Value,
    /// `script`, `rules` or `refused`.
    pub(crate) by: &'static str,
    pub(crate) answered: bool,
    pub(crate) status: Option<u16>,
    pub(crate) answer: Value,
}

impl OpenAi {
    pub(crate) fn new() -> Self {
        Self { script: Script::new(), requests: Mutex::new(Log::new(REMEMBERED)) }
    }

    pub(crate) fn clear(&self) {
        self.script.clear();
        lock(&self.requests).clear();
    }
}

pub(crate) fn router(sim: &Arc<Sim>) -> Router<Arc<Sim>> {
    let fault = from_fn_with_state((Arc::clone(sim), Target::OpenAiChat), inject);
    Router::new()
        .route("/chat/completions", post(chat::complete).layer(fault))
        .route("/models", get(models))
        .route_layer(from_fn_with_state(Arc::clone(sim), require_key))
        .fallback(unknown_route)
        .layer(from_fn(stamp_headers))
}

async fn require_key(State(sim): State<Arc<Sim>>, request: Request, next: Next) -> Response {
    let expected = sim.config().openai_key.clone();
    let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    match expected {
        Some(expected) if expected != given => error::wrong_key(given).into_response(),
        _ => next.run(request).await,
    }
}

async fn models() -> Json<Value> {
    let model = |id: &str, created: u64| json!({ "id": id, "object": "model", "created": created, "owned_by": "system" });
    Json(json!({
        "object": "list",
        "data": [model("gpt-4.1-mini", 1_744_318_173), model("gpt-4.1", 1_744_316_542), model("gpt-4o-mini", 1_721_172_741)],
    }))
}

async fn unknown_route(request: Request) -> Response {
    let message = format!("Invalid URL ({} {})", request.method(), request.uri().path());
    error::ChatFailure::new(StatusCode::NOT_FOUND, "invalid_request_error", message).into_response()
}

async fn stamp_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let request_id = format!("req_{}", hex::encode(rand::random::<[u8; 16]>()));
    let headers = response.headers_mut();
    if let Ok(request_id) = HeaderValue::from_str(&request_id) {
        headers.insert("x-request-id", request_id);
    }
    for (name, value) in [
        ("openai-version", "2020-10-01"),
        ("openai-organization", "org-demo"),
        ("openai-processing-ms", "42"),
        ("x-ratelimit-limit-requests", "500"),
        ("x-ratelimit-limit-tokens", "200000"),
        ("x-ratelimit-remaining-requests", "499"),
        ("x-ratelimit-remaining-tokens", "199000"),
        ("x-ratelimit-reset-requests", "120ms"),
        ("x-ratelimit-reset-tokens", "300ms"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}
