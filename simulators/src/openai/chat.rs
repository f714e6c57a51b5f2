//! `POST /chat/completions`: check, choose who answers, remember the exchange.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use chrono::Utc;
use serde_json::Value;

use super::{
    Received,
    answer::respond,
    check,
    error::ChatFailure,
    rules,
    script::{Raw, Scripted},
};
use crate::{
    state::{Sim, lock},
    ycloud::ids,
};

pub(super) async fn complete(State(sim): State<Arc<Sim>>, body: Bytes) -> Response {
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        let message = "We could not parse the JSON body of your request.";
        return ChatFailure::new(StatusCode::BAD_REQUEST, "invalid_request_error", message).into_response();
    };
    let refused = check::conversation(&body).err();
    let scripted = if refused.is_some() { None } else { sim.openai.script.take(&last_user_message(&body)) };
    let by = match (&refused, &scripted) {
        (Some(_), _) => "refused",
        (None, Some(_)) => "script",
        (None, None) => "rules",
    };
    let entry =
        Received { at: ids::time(Utc::now()), body: body.clone(), by, answered: false, status: None, answer: Value::Null };
    let index = lock(&sim.openai.requests).push(entry).0;

    let (response, answer) = match (refused, scripted) {
        (Some(refused), _) => (refused.into_response(), Value::Null),
        (None, Some(scripted)) => play(&sim, &body, scripted).await,
        (None, None) => {
            let completion = rules::answer(&body).completion(&body);
            (respond(&body, &completion), completion)
        }
    };
    if let Some(entry) = lock(&sim.openai.requests).get_mut(index) {
        entry.answered = true;
        entry.status = Some(response.status().as_u16());
        entry.answer = answer["choices"][0]["message"].clone();
    }
    response
}

async fn play(sim: &Sim, body: &Value, scripted: Scripted) -> (Response, Value) {
    if let Some(delay_ms) = scripted.delay_ms {
        tokio::time::sleep(Duration::from_millis(delay_ms)).await;
    }
    if scripted.hold {
        sim.openai.script.hold().await;
    }
    match &scripted.raw {
        Some(raw) => (render_raw(raw), Value::Null),
        None => {
            let completion = scripted.answer().completion(body);
            (respond(body, &completion), completion)
        }
    }
}

fn render_raw(raw: &Raw) -> Response {
    let status = StatusCode::from_u16(raw.status).unwrap_or(StatusCode::OK);
    let mut response = match &raw.body {
        Value::String(text) => (status, text.clone()).into_response(),
        body => (status, axum::Json(body.clone())).into_response(),
    };
    for (name, value) in &raw.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn last_user_message(body: &Value) -> String {
    let messages = body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let last = messages.iter().rev().find(|message| message["role"] == "user");
    last.map(|message| text_of(&message["content"])).unwrap_or_default()
}

/// Content is a string or a list of parts of which only the text counts here.
pub(super) fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts: Vec<&str> = parts.iter().filter_map(|part| part["text"].as_str()).collect();
            texts.join("\n")
        }
        _ => String::new(),
    }
}
