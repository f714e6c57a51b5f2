//! `POST /webhook`, `/webhook/ycloud` and `/webhook/ycloud/{channel_key}`.

use std::time::Instant;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use nexus_core::ids::ChannelId;
use nexus_core::problem::Problem;
use nexus_core::provider::Provider;

use super::authenticate;
use crate::journal::Entry;
use crate::providers::ycloud::envelope::{self, Envelope};
use crate::providers::ycloud::signature::{HEADER, SignatureError};
use crate::state::AppState;

/// The installation's shared URL.
pub async fn shared(State(app): State<AppState>, headers: HeaderMap, body: Result<Bytes, BytesRejection>) -> Response {
    let started = Instant::now();
    let accepted = async {
        let body = body.map_err(refuse_body)?;
        let events = envelope::split(&body);
        let secret = app.config.ycloud_webhook_secret.as_ref();
        authenticate::shared_url(signature(&headers), &body, &events, &app.channels.current(), secret, Utc::now())
            .map_err(refuse_signature)?;
        store(&app, events, None).await
    };
    answer(accepted.await, started)
}

/// A channel's own URL.
pub async fn own(
    State(app): State<AppState>,
    Path(channel_key): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let started = Instant::now();
    let accepted = async {
        let body = body.map_err(refuse_body)?;
        let directory = app.channels.current();
        // A wrong key is answered like a wrong signature, so that keys cannot be searched for.
        let channel = directory.by_key(&channel_key).ok_or_else(|| refuse_signature(SignatureError::Mismatch))?;
        let secret = app.config.ycloud_webhook_secret.as_ref();
        authenticate::own_url(signature(&headers), &body, channel, secret, Utc::now()).map_err(refuse_signature)?;
        store(&app, envelope::split(&body), Some(channel.id)).await
    };
    answer(accepted.await, started)
}

fn signature(headers: &HeaderMap) -> Option<&str> {
    headers.get(HEADER)?.to_str().ok()
}

async fn store(app: &AppState, events: Vec<Envelope>, channel: Option<ChannelId>) -> Result<(), Problem> {
    if !app.readiness.has_been_ready() {
        return Err(not_ready());
    }
    let entries = events
        .into_iter()
        .map(|event| Entry { provider: Provider::YCloud, event_id: event.event_id, channel, body: event.bytes })
        .collect::<Vec<_>>();
    if entries.is_empty() {
        return Ok(());
    }
    app.journal.append(entries).await.map_err(|_| not_ready())
}

fn answer(accepted: Result<(), Problem>, started: Instant) -> Response {
    match accepted {
        Ok(()) => {
            metrics::histogram!("webhook_accept_seconds").record(started.elapsed());
            (StatusCode::OK, [("content-type", "application/json")], r#"{"status":"ok"}"#).into_response()
        }
        Err(problem) => problem.into_response(),
    }
}

fn not_ready() -> Problem {
    metrics::counter!("webhook_requests_refused_total", "reason" => "not_stored").increment(1);
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_stored", "the event could not be stored; send it again")
}

fn refuse_signature(error: SignatureError) -> Problem {
    let reason = match error {
        SignatureError::Malformed => "signature_malformed",
        SignatureError::Mismatch => "signature_mismatch",
        SignatureError::OutOfRange => "signature_out_of_range",
    };
    metrics::counter!("webhook_requests_refused_total", "reason" => reason).increment(1);
    let advice = "check that the secret of the webhook endpoint is the one configured here";
    Problem::new(StatusCode::UNAUTHORIZED, "bad_signature", format!("{error}; {advice}"))
}

fn refuse_body(rejection: BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        metrics::counter!("webhook_requests_refused_total", "reason" => "too_large").increment(1);
        return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "a webhook body may have at most 1 MiB");
    }
    Problem::new(StatusCode::BAD_REQUEST, "body_unreadable", "the body broke off before it was complete")
}
