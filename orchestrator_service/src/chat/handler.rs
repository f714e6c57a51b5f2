//! HTTP for `POST /chat`: the token, the body, the status codes.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use nexus_core::problem::Problem;
use nexus_core::telemetry::error_chain;
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq as _;
use tracing::Instrument as _;

use super::answer::ChatAnswer;
use super::request::ChatRequest;
use super::run::{ChatError, answer};
use crate::routes::AppState;
use crate::state::Brain;

/// `POST /chat`.
pub async fn chat(State(state): State<AppState>, headers: HeaderMap, body: Bytes) -> Response {
    let answered = respond(&state, &headers, &body).await;
    let status = answered.as_ref().map_or("refused", |answer| known_status(&answer.status));
    metrics::counter!("chat_requests_total", "status" => status).increment(1);
    answered.map_or_else(IntoResponse::into_response, |answer| Json(answer).into_response())
}

async fn respond(state: &AppState, headers: &HeaderMap, body: &[u8]) -> Result<ChatAnswer, Problem> {
    authorize(state, headers)?;
    let mut request = ChatRequest::read(body)
        .map_err(|mistakes| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_request", mistakes.join("; ")))?;
    let header = headers.get("x-correlation-id").and_then(|value| value.to_str().ok()).map(str::to_owned);
    request.correlation_id = request.correlation_id.or(header);
    let brain = state.brain().ok_or_else(|| {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "starting", "the service is starting; try again in a moment")
    })?;
    run_to_the_end(brain, request).await
}

/// In a task of its own: a caller that hangs up must not leave a half-taken turn behind.
async fn run_to_the_end(brain: Arc<Brain>, request: ChatRequest) -> Result<ChatAnswer, Problem> {
    let tasks = brain.tasks.clone();
    let task = tasks.spawn(async move { answer(&brain, &request).await }.in_current_span());
    let failed = || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "chat_failed", "the message was not answered; send it again");
    match task.await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(ChatError::UnknownNumber)) => {
            Err(Problem::new(StatusCode::NOT_FOUND, "unknown_number", "no channel has the number in to_number"))
        }
        Ok(Err(error)) => {
            tracing::error!(error = error_chain(&error), "a chat request failed");
            Err(failed())
        }
        Err(error) => {
            tracing::error!(%error, "a chat request ended badly");
            Err(failed())
        }
    }
}

fn authorize(state: &AppState, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(token) = headers.get("x-internal-token") else {
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "missing_token", "the header X-Internal-Token is missing"));
    };
    let expected = state.internal_token.expose_secret().as_bytes();
    if bool::from(token.as_bytes().ct_eq(expected)) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::UNAUTHORIZED, "wrong_token", "the token in X-Internal-Token is not the right one"))
}

/// Labels are bounded, whatever stands in a stored answer.
fn known_status(status: &str) -> &'static str {
    match status {
        "ok" => "ok",
        "duplicate" => "duplicate",
        "processing" => "processing",
        _ => "ignored",
    }
}
