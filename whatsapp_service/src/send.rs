//! `POST /send`: Nexus v3's manual send. It goes through the outbox like everything else.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use nexus_core::ids::MessageId;
use nexus_core::message::{MAX_TEXT_CHARS, OutboundContent};
use nexus_core::phone::PhoneNumber;
use nexus_core::problem::Problem;
use nexus_core::provider::Provider;
use nexus_core::seam::identity::Identifiers;
use nexus_core::seam::inbox;
use nexus_core::seam::outbox::{self, Author, Thread};
use nexus_core::telemetry::error_chain;
use nexus_core::wake::Topic;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

use crate::channels::Channel;
use crate::state::AppState;

/// What Nexus v3's callers send.
#[derive(Debug, Deserialize)]
pub struct Request {
    to: String,
    #[serde(alias = "message")]
    text: String,
    from: Option<String>,
}

/// Queues one text message and answers with its id.
pub async fn send(State(app): State<AppState>, headers: HeaderMap, body: Result<Json<Request>, JsonRejection>) -> Response {
    let queued = async {
        authorize(&app, &headers)?;
        let Json(request) = body.map_err(|rejection| invalid(rejection.body_text()))?;
        let channel = channel(&app, request.from.as_deref())?;
        let to = PhoneNumber::parse(&request.to).ok_or_else(|| invalid("to: must be a phone number such as +5491155550177"))?;
        let length = request.text.chars().count();
        if request.text.trim().is_empty() || length > MAX_TEXT_CHARS {
            return Err(invalid(format!("text: must have 1 to {MAX_TEXT_CHARS} characters")));
        }
        queue(&app, &channel, to, request.text).await.map_err(|error| {
            tracing::error!(error = %error_chain(&error), "a manual message could not be queued");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_stored", "the message could not be stored; send it again")
        })
    };
    match queued.await {
        Ok(message_id) => Json(json!({ "status": "ok", "message_id": message_id })).into_response(),
        Err(problem) => problem.into_response(),
    }
}

fn authorize(app: &AppState, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(given) = headers.get("x-internal-token") else {
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "missing_token", "the header X-Internal-Token is missing"));
    };
    let expected = app.config.internal_api_token.expose_secret().as_bytes();
    if bool::from(given.as_bytes().ct_eq(expected)) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::UNAUTHORIZED, "wrong_token", "the header X-Internal-Token is not the configured one"))
}

fn invalid(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_request", detail)
}

/// The channel named by `from`, or the only one there is.
fn channel(app: &AppState, from: Option<&str>) -> Result<Arc<Channel>, Problem> {
    let directory = app.channels.current();
    let found = match from {
        Some(number) => directory.by_number(Provider::YCloud, number),
        None => directory.single(),
    };
    let advice = match from {
        Some(_) => "from: no channel of this installation has this number",
        None => "from: is needed, because this installation has not exactly one channel",
    };
    found.cloned().ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "channel_not_found", advice))
}

async fn queue(app: &AppState, channel: &Channel, to: PhoneNumber, text: String) -> Result<MessageId, sqlx::Error> {
    let mut tx = app.db.tenant(channel.tenant).await?;
    let conversation = inbox::open_conversation(&mut tx, channel.tenant, channel.id, &Identifiers::of_phone(to)).await?;
    let thread = Thread { tenant: channel.tenant, conversation, channel: channel.id };
    let messages = outbox::enqueue(&mut tx, thread, Author::Agent, &[OutboundContent::Text { body: text }]).await?;
    tx.commit().await?;
    app.redis.wake(Topic::Outbox).await;
    messages.first().copied().ok_or(sqlx::Error::RowNotFound)
}
