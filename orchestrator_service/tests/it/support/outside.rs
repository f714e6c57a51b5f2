//! An outside system on loopback: answers what the test tells it to, and remembers what it was asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A request that came.
#[derive(Clone)]
pub struct Asked {
    /// `GET /path`, without the query.
    pub line: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

#[derive(Clone)]
enum Reply {
    Json(u16, Value),
    Html(u16),
    /// Repeats everything it was told, as careless servers do in their errors.
    Echo(u16),
    Silence,
}

#[derive(Default)]
struct Inner {
    replies: Mutex<HashMap<String, Reply>>,
    everything: Mutex<Option<Reply>>,
    asked: Mutex<Vec<Asked>>,
}

#[derive(Clone)]
pub struct FakeSystem {
    inner: Arc<Inner>,
    pub url: String,
}

impl FakeSystem {
    pub async fn start() -> Self {
        let inner = Arc::new(Inner::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(answer).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { inner, url }
    }

    /// From now on this request, e.g. `GET /v1/models`, is answered like this.
    pub fn answers(&self, line: &str, status: u16, body: Value) -> &Self {
        self.set(line, Reply::Json(status, body))
    }

    pub fn answers_page(&self, line: &str, status: u16) -> &Self {
        self.set(line, Reply::Html(status))
    }

    pub fn says_nothing(&self, line: &str) -> &Self {
        self.set(line, Reply::Silence)
    }

    /// Every request is answered with an error that repeats it.
    pub fn echoes_everything(&self, status: u16) {
        *self.inner.everything.lock().unwrap() = Some(Reply::Echo(status));
    }

    fn set(&self, line: &str, reply: Reply) -> &Self {
        self.inner.replies.lock().unwrap().insert(line.to_owned(), reply);
        self
    }

    /// Every request so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.inner.asked.lock().unwrap().clone()
    }

    /// What requests like this carried in one header.
    pub fn headers_of(&self, line: &str, header: &str) -> Vec<String> {
        let asked = self.asked().into_iter().filter(|asked| asked.line == line);
        asked.filter_map(|asked| asked.headers.get(header).map(|value| value.to_str().unwrap().to_owned())).collect()
    }
}

async fn answer(State(inner): State<Arc<Inner>>, request: Request) -> Response {
    let line = format!("{} {}", request.method(), request.uri().path());
    let headers = request.headers().clone();
    let body = to_bytes(request.into_body(), usize::MAX).await.unwrap();
    let echo = format!("{headers:?} {}", String::from_utf8_lossy(&body));
    inner.asked.lock().unwrap().push(Asked { line: line.clone(), headers, body });
    let everything = inner.everything.lock().unwrap().clone();
    let reply = everything.or_else(|| inner.replies.lock().unwrap().get(&line).cloned());
    match reply.unwrap_or_else(|| Reply::Json(404, json!({ "code": 404, "error": { "status": 404, "code": "NOT_FOUND" } }))) {
        Reply::Json(status, body) => (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response(),
        Reply::Html(status) => {
            let page = "<html>a proxy</html>";
            (StatusCode::from_u16(status).unwrap(), [("content-type", "text/html")], page).into_response()
        }
        Reply::Echo(status) => {
            let error = json!({ "code": echo, "message": echo, "error_description": echo, "name": { "es": echo },
                "error": { "message": echo, "code": echo, "type": echo, "errors": [{ "reason": echo, "message": echo }] } });
            (StatusCode::from_u16(status).unwrap(), axum::Json(error)).into_response()
        }
        Reply::Silence => std::future::pending().await,
    }
}
