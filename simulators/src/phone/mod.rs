//! A phone to write from: the page a newcomer sees first, and the little API behind it.

pub(crate) mod customer;
pub(crate) mod events;
pub(crate) mod view;

use std::{convert::Infallible, sync::Arc};

use axum::{
    Json, Router,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{
        Html, IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing::{get, post},
};
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::broadcast::error::RecvError;

use self::customer::Written;
use crate::{
    state::{Sim, lock},
    ycloud::{media, statuses, store::Tick},
};

const SHOWN: usize = 300;

pub(crate) fn router() -> Router<Arc<Sim>> {
    Router::new()
        .route("/", get(async || Html(include_str!("index.html"))))
        .route("/phone.css", get(async || ([(header::CONTENT_TYPE, "text/css")], include_str!("phone.css"))))
        .route("/phone.js", get(async || script(include_str!("phone.js"))))
        .route("/words.js", get(async || script(include_str!("words.js"))))
        .route("/businesses", get(businesses))
        .route("/chat", get(chat))
        .route("/events", get(live))
        .route("/send", post(send))
        .route("/seen", post(seen))
        .route("/echo", post(echo))
}

fn script(source: &'static str) -> Response {
    ([(header::CONTENT_TYPE, "text/javascript")], source).into_response()
}

#[derive(Deserialize)]
struct Chat {
    number: String,
    business: String,
}

async fn businesses(State(sim): State<Arc<Sim>>) -> Json<Value> {
    let config = sim.config();
    let items: Vec<Value> =
        config.business_numbers.iter().map(|number| json!({ "phone": number.phone, "name": number.name })).collect();
    Json(json!({ "items": items, "webhook": !config.endpoints.is_empty() }))
}

async fn chat(State(sim): State<Arc<Sim>>, Query(chat): Query<Chat>) -> Json<Value> {
    let store = lock(&sim.ycloud.store);
    let mine = |customer: &str, business: &str| customer == chat.number && business == chat.business;
    let inbound = store.inbound.iter().rev().map(|(_, it)| it).filter(|it| mine(&it.customer, &it.business));
    let outbound = store.outbound.iter().rev().map(|(_, it)| it);
    let outbound = outbound.filter(|it| mine(&it.customer, &it.from) && !it.outside_window);
    let echoes = store.echoes.iter().rev().map(|(_, it)| it).filter(|it| mine(&it.customer, &it.business));
    let mut bubbles: Vec<Value> = inbound.take(SHOWN).map(view::inbound).collect();
    bubbles.extend(outbound.take(SHOWN).map(view::outbound));
    bubbles.extend(echoes.take(SHOWN).map(view::echo));
    bubbles.sort_by(|a, b| a["at"].as_str().cmp(&b["at"].as_str()));
    carry_ticks_back(&mut bubbles);
    Json(json!({ "messages": bubbles }))
}

/// What is read covers everything before it, and an answer shows that the question arrived.
fn carry_ticks_back(bubbles: &mut [Value]) {
    let (mut answered, mut read) = (false, false);
    for bubble in bubbles.iter_mut().rev() {
        answered |= bubble["side"] == "business";
        read |= bubble["tick"] == "read";
        if bubble["side"] == "customer" && (answered || read) {
            bubble["tick"] = json!(if read { Tick::Read } else { Tick::Answered });
        }
    }
}

async fn live(State(sim): State<Arc<Sim>>, Query(chat): Query<Chat>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let stream = stream::unfold((sim.phone.subscribe(), chat), async |(mut news, chat)| {
        loop {
            let (name, data) = match news.recv().await {
                Ok(event) if event.event == "resync" => ("resync", Value::Null),
                Ok(event) if event.customer == chat.number && event.business == chat.business => (event.event, event.data),
                Ok(_) => continue,
                Err(RecvError::Lagged(_)) => ("resync", Value::Null),
                Err(RecvError::Closed) => return None,
            };
            let event = Event::default().event(name).data(data.to_string());
            return Some((Ok(event), (news, chat)));
        }
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}

#[derive(Deserialize)]
struct Message {
    number: String,
    business: String,
    name: Option<String>,
    text: Option<String>,
    /// A sample file instead of a text: `image`, `audio`, `document` or `location`.
    sample: Option<String>,
    /// A tapped button or list row: `{kind, id, title}`.
    reply: Option<Value>,
    quoted: Option<String>,
}

async fn send(State(sim): State<Arc<Sim>>, Json(message): Json<Message>) -> Response {
    let (kind, mut content) = match (&message.reply, &message.sample) {
        (Some(reply), _) => {
            let kind = reply["kind"].as_str().unwrap_or("button_reply");
            let tapped = json!({ "id": reply["id"], "title": reply["title"] });
            ("interactive".to_owned(), json!({ "type": kind, kind: tapped }))
        }
        (None, Some(sample)) if sample == "location" => {
            (sample.clone(), json!({ "latitude": -26.8241, "longitude": -65.2226, "name": "Plaza Independencia" }))
        }
        (None, Some(sample)) => (sample.clone(), json!({})),
        (None, None) => ("text".to_owned(), json!({ "body": message.text.unwrap_or_default() })),
    };
    media::complete(&sim.base_url, &kind, &mut content);
    let mut extra = Map::new();
    if let Some(quoted) = message.quoted {
        let from = message.business.trim_start_matches('+');
        extra.insert("context".into(), json!({ "from": from, "id": quoted }));
    }
    let written = Written {
        from: Some(message.number),
        to: Some(message.business),
        kind,
        content,
        name: message.name,
        username: None,
        id: None,
        wamid: None,
        event_id: None,
        send_time: None,
        user_id: None,
        waba_id: None,
        extra,
        delay_ms: 0,
        copies: 1,
    };
    match customer::write(&sim, written) {
        Ok((_, message, _)) => Json(view::inbound(&message)).into_response(),
        Err(problem) => (StatusCode::BAD_REQUEST, problem).into_response(),
    }
}

/// The customer is looking at the chat.
async fn seen(State(sim): State<Arc<Sim>>, Json(chat): Json<Chat>) -> StatusCode {
    statuses::chat_seen(&sim, &chat.number, &chat.business);
    StatusCode::NO_CONTENT
}

async fn echo(State(sim): State<Arc<Sim>>, Json(message): Json<Message>) -> Response {
    let content = json!({ "body": message.text.unwrap_or_default() });
    match customer::echo(&sim, Some(message.business), &message.number, "text", content) {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(problem) => (StatusCode::BAD_REQUEST, problem).into_response(),
    }
}

/// A webhook for this customer message was accepted, or given up: that is the first tick.
pub(crate) fn delivery_concluded(sim: &Sim, inbound_id: &str, accepted: bool) {
    let tick = if accepted { Tick::Accepted } else { Tick::Lost };
    let changed = {
        let mut store = lock(&sim.ycloud.store);
        match store.inbound_by_id(inbound_id) {
            Some(message) if message.tick < tick => {
                message.tick = tick;
                Some((message.customer.clone(), message.business.clone(), message.wamid.clone()))
            }
            _ => None,
        }
    };
    if let Some((customer, business, wamid)) = changed {
        sim.phone.ticks(&customer, &business, vec![wamid], tick);
    }
}
