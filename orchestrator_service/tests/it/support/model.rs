//! A model on loopback that says what the test tells it to say.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum::{Json, Router, routing::post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// One scripted reply.
enum Reply {
    Answer(StatusCode, Value),
    /// Says the text once the test allows it.
    Held(String),
}

#[derive(Default)]
struct Inner {
    script: Mutex<VecDeque<Reply>>,
    requests: Mutex<Vec<Value>>,
    release: Notify,
}

/// The scripted model. When the script is over it repeats the customer's last words.
#[derive(Clone)]
pub struct FakeModel {
    inner: Arc<Inner>,
    pub base_url: String,
}

impl FakeModel {
    pub async fn start() -> Self {
        let inner = Arc::new(Inner::default());
        let app = Router::new().route("/v1/chat/completions", post(complete)).with_state(Arc::clone(&inner));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { inner, base_url }
    }

    pub fn says(&self, text: &str) {
        self.replies(StatusCode::OK, message(json!({ "role": "assistant", "content": text })));
    }

    /// Keeps the answer back until [`FakeModel::release`].
    pub fn holds(&self, text: &str) {
        self.inner.script.lock().unwrap().push_back(Reply::Held(text.to_owned()));
    }

    pub fn release(&self) {
        self.inner.release.notify_one();
    }

    pub fn calls(&self, id: &str, tool: &str, arguments: &Value) {
        let call = json!({ "id": id, "type": "function", "function": { "name": tool, "arguments": arguments.to_string() } });
        self.replies(StatusCode::OK, message(json!({ "role": "assistant", "content": null, "tool_calls": [call] })));
    }

    pub fn replies(&self, status: StatusCode, body: Value) {
        self.inner.script.lock().unwrap().push_back(Reply::Answer(status, body));
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<Value> {
        self.inner.requests.lock().unwrap().clone()
    }
}

fn message(message: Value) -> Value {
    json!({ "id": "c", "object": "chat.completion", "model": "fake-1", "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }],
            "usage": { "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15 } })
}

async fn complete(State(inner): State<Arc<Inner>>, Json(request): Json<Value>) -> axum::response::Response {
    let last = request["messages"].as_array().and_then(|messages| messages.last()).cloned().unwrap_or_default();
    inner.requests.lock().unwrap().push(request);
    let reply = inner.script.lock().unwrap().pop_front();
    match reply {
        Some(Reply::Answer(status, body)) => (status, Json(body)).into_response(),
        Some(Reply::Held(text)) => {
            inner.release.notified().await;
            Json(message(json!({ "role": "assistant", "content": text }))).into_response()
        }
        None => {
            let echo = format!("eco: {}", last["content"].as_str().unwrap_or_default());
            Json(message(json!({ "role": "assistant", "content": echo }))).into_response()
        }
    }
}
