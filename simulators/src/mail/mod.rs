//! A small web view of the received mail.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};

use crate::{
    smtp::store::Mail,
    state::{Sim, lock},
    ycloud::ids,
};

pub(crate) fn router() -> Router<Arc<Sim>> {
    Router::new()
        .route("/", get(async || Html(include_str!("index.html"))))
        .route("/mail.css", get(async || ([(header::CONTENT_TYPE, "text/css")], include_str!("mail.css"))))
        .route("/mail.js", get(async || ([(header::CONTENT_TYPE, "text/javascript")], include_str!("mail.js"))))
        .route("/messages", get(list))
        .route("/messages/{index}", get(one))
        .route("/messages/{index}/raw", get(raw))
}

async fn list(State(sim): State<Arc<Sim>>) -> Json<Value> {
    let mailbox = lock(&sim.mailbox);
    let newest_first = mailbox.log.iter().rev().take(200);
    Json(json!({ "items": newest_first.map(|(index, mail)| summary(index, mail)).collect::<Vec<_>>() }))
}

async fn one(State(sim): State<Arc<Sim>>, Path(index): Path<u64>) -> Response {
    let mailbox = lock(&sim.mailbox);
    let Some(mail) = mailbox.log.get(index) else { return StatusCode::NOT_FOUND.into_response() };
    let mut message = summary(index, mail);
    message["text"] = json!(mail.text);
    message["html"] = json!(mail.html);
    message["reply_to"] = json!(mail.reply_to);
    message["envelope_from"] = json!(mail.envelope_from);
    Json(message).into_response()
}

async fn raw(State(sim): State<Arc<Sim>>, Path(index): Path<u64>) -> Response {
    match lock(&sim.mailbox).log.get(index) {
        Some(mail) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], mail.raw.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn summary(index: u64, mail: &Mail) -> Value {
    let preview = mail.text.as_deref().unwrap_or_default();
    let preview: String = preview.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(140).collect();
    json!({
        "index": index,
        "at": ids::time(mail.at),
        "subject": mail.subject,
        "from": mail.from,
        "to": if mail.to.is_empty() { mail.envelope_to.join(", ") } else { mail.to.clone() },
        "preview": preview,
    })
}
