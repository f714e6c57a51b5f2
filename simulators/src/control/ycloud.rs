//! Makes customers write, owners answer from their own phone, and statuses arrive at will.

use std::sync::Arc;

use axum::{Json, body::Bytes as Body, extract::State};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;

use super::{Refused, config::given};
use crate::{
    phone::{self, customer::Written},
    state::{Sim, lock},
    ycloud::{
        events, ids, media,
        message::{Failure, Status},
        statuses,
        webhooks::{self, Attempt, Outgoing, Signing},
    },
};

#[derive(Deserialize)]
pub(super) struct InboundRequest {
    from: Option<String>,
    to: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    text: Option<Value>,
    content: Option<Value>,
    name: Option<String>,
    username: Option<String>,
    id: Option<String>,
    wamid: Option<String>,
    event_id: Option<String>,
    send_time: Option<chrono::DateTime<chrono::Utc>>,
    /// Left out: derived from the number. `null`: none.
    #[serde(default, deserialize_with = "given")]
    user_id: Option<Option<String>>,
    waba_id: Option<String>,
    copies: Option<u32>,
    delay_ms: Option<u64>,
    #[serde(default)]
    wait: bool,
    /// The content object under its own name, and fields to copy (`context`, `referral`, …).
    #[serde(flatten)]
    extra: Map<String, Value>,
}

pub(super) async fn inbound(
    State(sim): State<Arc<Sim>>,
    Json(mut request): Json<InboundRequest>,
) -> Result<Json<Value>, Refused> {
    let kind = request.kind.clone().unwrap_or_else(|| "text".to_owned());
    let named = request.extra.remove(&kind);
    let mut content = match (request.content.take().or(named), request.text.take()) {
        (Some(content), _) => content,
        (None, Some(Value::String(body))) => json!({ "body": body }),
        (None, Some(content)) => content,
        (None, None) => Value::Null,
    };
    if content.is_null() && kind == "text" {
        return Err(Refused::bad("text is required"));
    }
    media::complete(&sim.base_url, &kind, &mut content);
    let written = Written {
        from: request.from,
        to: request.to,
        kind,
        content,
        name: request.name,
        username: request.username,
        id: request.id,
        wamid: request.wamid,
        event_id: request.event_id,
        send_time: request.send_time,
        user_id: request.user_id,
        waba_id: request.waba_id,
        extra: request.extra,
        delay_ms: request.delay_ms.unwrap_or(0),
        copies: request.copies.unwrap_or(1),
    };
    let (event_id, message, attempts) = phone::customer::write(&sim, written).map_err(Refused::bad)?;
    let mut answer = json!({ "event_id": event_id, "id": message.id, "wamid": message.wamid });
    if request.wait {
        answer["deliveries"] = json!(collect(attempts).await);
    }
    Ok(Json(answer))
}

#[derive(Deserialize)]
pub(super) struct EventRequest {
    body: Option<Value>,
    raw: Option<String>,
    raw_base64: Option<String>,
    /// `true`, `false` or `"wrong"`.
    #[serde(default)]
    sign: Value,
    copies: Option<u32>,
    path: Option<String>,
    delay_ms: Option<u64>,
    #[serde(default)]
    wait: bool,
}

pub(super) async fn event(State(sim): State<Arc<Sim>>, Json(request): Json<EventRequest>) -> Result<Json<Value>, Refused> {
    let body = match (&request.body, request.raw, request.raw_base64) {
        (Some(body), ..) => Bytes::from(body.to_string()),
        (None, Some(raw), _) => Bytes::from(raw),
        (None, None, Some(encoded)) => {
            STANDARD.decode(encoded).map(Bytes::from).map_err(|_| Refused::bad("raw_base64 is not base64"))?
        }
        (None, None, None) => return Err(Refused::bad("one of body, raw, raw_base64 is required")),
    };
    let parsed: Value = serde_json::from_slice(&body).unwrap_or_default();
    let inbound_id = events::note_raw(&mut lock(&sim.ycloud.store), &parsed);
    let text = |key: &str| parsed[key].as_str().map(str::to_owned);
    let outgoing = Outgoing {
        event_id: text("id").unwrap_or_else(ids::event),
        kind: text("type").unwrap_or_else(|| "raw".to_owned()),
        body,
        signing: match &request.sign {
            Value::Bool(false) => Signing::None,
            Value::String(wrong) if wrong == "wrong" => Signing::Wrong,
            _ => Signing::Right,
        },
        path: request.path,
        inbound_id,
        delay_ms: request.delay_ms.unwrap_or(0),
    };
    let mut answer = json!({ "event_id": outgoing.event_id });
    let attempts = webhooks::dispatch(&sim, outgoing, request.copies.unwrap_or(1));
    if request.wait {
        answer["deliveries"] = json!(collect(attempts).await);
    }
    Ok(Json(answer))
}

#[derive(Deserialize)]
pub(super) struct EchoRequest {
    from: Option<String>,
    to: String,
    text: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    content: Option<Value>,
    #[serde(default)]
    wait: bool,
}

pub(super) async fn echo(State(sim): State<Arc<Sim>>, Json(request): Json<EchoRequest>) -> Result<Json<Value>, Refused> {
    let kind = request.kind.unwrap_or_else(|| "text".to_owned());
    let content = request.content.or_else(|| request.text.map(|body| json!({ "body": body })));
    let mut content = content.ok_or_else(|| Refused::bad("text or content is required"))?;
    media::complete(&sim.base_url, &kind, &mut content);
    let echoed = phone::customer::echo(&sim, request.from, &request.to, &kind, content);
    let (event_id, wamid, attempts) = echoed.map_err(Refused::bad)?;
    let mut answer = json!({ "event_id": event_id, "wamid": wamid });
    if request.wait {
        answer["deliveries"] = json!(collect(attempts).await);
    }
    Ok(Json(answer))
}

#[derive(Deserialize)]
pub(super) struct StatusRequest {
    /// The provider's id or the wamid.
    id: Option<String>,
    #[serde(rename = "externalId")]
    external_id: Option<String>,
    status: Status,
    /// A code, or `{code, message?, details?}`.
    error: Option<Value>,
}

pub(super) async fn status(State(sim): State<Arc<Sim>>, body: Body) -> Result<Json<Value>, Refused> {
    let request: StatusRequest = serde_json::from_slice(&body).map_err(|error| Refused::bad(error.to_string()))?;
    let index = {
        let store = lock(&sim.ycloud.store);
        let by_id = request.id.as_deref().and_then(|id| store.outbound_index(id));
        by_id.or_else(|| request.external_id.as_deref().and_then(|id| store.outbound_by_external_id(id)))
    };
    let index = index.ok_or_else(|| Refused::missing("no such message"))?;
    let failure = (request.status == Status::Failed).then(|| failure(request.error.as_ref()));
    statuses::emit(&sim, index, request.status, failure);
    Ok(Json(json!({ "index": index })))
}

fn failure(error: Option<&Value>) -> Failure {
    let field = |key: &str| match error.map(|error| &error[key]) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let code = match error {
        Some(Value::String(code)) => Some(code.clone()),
        Some(Value::Number(code)) => Some(code.to_string()),
        _ => field("code"),
    };
    Failure {
        code: code.unwrap_or_else(|| "131026".to_owned()),
        message: field("message").unwrap_or_else(|| "Message undeliverable".to_owned()),
        details: field("details"),
    }
}

async fn collect(attempts: Vec<oneshot::Receiver<Attempt>>) -> Vec<Attempt> {
    let mut collected = Vec::new();
    for attempt in attempts {
        // Nothing arrives when a reset or a suspension came first.
        collected.extend(attempt.await.ok());
    }
    collected
}
