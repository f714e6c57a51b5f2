//! Applies an armed fault to an HTTP request: before the handler, after it, or to its body.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use serde_json::Value;

use super::{Fault, Kind, Probe, Target};
use crate::{connection::Connection, openai, state::Sim, ycloud};

const MAX_BODY: usize = 32 * 1024 * 1024;
const DEFAULT_DELAY: Duration = Duration::from_secs(1);
/// A hang ends some day so that a forgotten test does not hold a connection for ever.
const LONGEST_HANG: Duration = Duration::from_secs(3600);

pub(crate) async fn inject(
    State((sim, target)): State<(Arc<Sim>, Target)>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: Request,
    next: Next,
) -> Response {
    if !sim.faults.any() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let fault = {
        let text = format!("{} {}", parts.uri, String::from_utf8_lossy(&body));
        let to = addressee(&body).unwrap_or_default();
        sim.faults.take(target, None, &Probe { to: &to, text: &text })
    };
    let request = Request::from_parts(parts, Body::from(body));
    match fault {
        // On its own task: a server goes on working when the client has given up waiting.
        Some(fault) => tokio::spawn(apply(fault, connection, request, next))
            .await
            .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response()),
        None => next.run(request).await,
    }
}

async fn apply(fault: Fault, connection: Connection, request: Request, next: Next) -> Response {
    let pause = fault.delay_ms.map(Duration::from_millis);
    match fault.kind {
        Kind::Delay if fault.after => {
            let response = next.run(request).await;
            tokio::time::sleep(pause.unwrap_or(DEFAULT_DELAY)).await;
            response
        }
        Kind::Delay => {
            tokio::time::sleep(pause.unwrap_or(DEFAULT_DELAY)).await;
            next.run(request).await
        }
        Kind::ResetAfter => {
            next.run(request).await;
            reset(&connection)
        }
        Kind::ResetBefore | Kind::Refuse => reset(&connection),
        Kind::SlowBody => slow(next.run(request).await, pause.unwrap_or(Duration::from_secs(5))).await,
        Kind::Garbage => {
            next.run(request).await;
            garbage(fault.body)
        }
        Kind::Hang => {
            if fault.after {
                next.run(request).await;
            }
            tokio::time::sleep(pause.unwrap_or(LONGEST_HANG)).await;
            reset(&connection)
        }
        Kind::RateLimit | Kind::ServerError | Kind::Status => {
            if fault.after {
                next.run(request).await;
            }
            if let Some(pause) = pause {
                tokio::time::sleep(pause).await;
            }
            refusal(&fault)
        }
    }
}

fn reset(connection: &Connection) -> Response {
    connection.reset();
    // Never reaches the client: writing it is what triggers the reset.
    Response::new(Body::empty())
}

fn refusal(fault: &Fault) -> Response {
    let status = match fault.kind {
        Kind::RateLimit => 429,
        Kind::ServerError => fault.status.unwrap_or(500),
        _ => fault.status.unwrap_or(503),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match &fault.body {
        Some(Value::String(text)) => (status, text.clone()).into_response(),
        Some(body) => (status, axum::Json(body.clone())).into_response(),
        None if fault.target == Target::OpenAiChat => openai::error::for_status(status),
        None => ycloud::error::for_status(status),
    };
    if let Some(seconds) = fault.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn garbage(body: Option<Value>) -> Response {
    let text = match body {
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
        None => "<html><body><h1>Bad gateway</h1></body></html>".to_owned(),
    };
    ([(header::CONTENT_TYPE, "text/html")], text).into_response()
}

/// Ten pieces spread over the whole time, so that only a total timeout notices.
async fn slow(response: Response, total: Duration) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, MAX_BODY).await.unwrap_or_default();
    parts.headers.remove(header::CONTENT_LENGTH);
    let piece = bytes.len().div_ceil(10).max(1);
    let pieces: Vec<Bytes> = bytes.chunks(piece).map(Bytes::copy_from_slice).collect();
    let pause = total / 10;
    let stream = stream::unfold(pieces.into_iter(), move |mut pieces| async move {
        let piece = pieces.next()?;
        tokio::time::sleep(pause).await;
        Some((Ok::<_, Infallible>(piece), pieces))
    });
    Response::from_parts(parts, Body::from_stream(stream))
}

fn addressee(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let to = body.get("to").or_else(|| body.get("recipient"))?;
    to.as_str().map(str::to_owned)
}
