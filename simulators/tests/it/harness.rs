//! Starts the program, a webhook receiver, and waits on conditions.

use std::{
    future::Future,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use reqwest::Client;
use serde_json::{Value, json};

pub(crate) const BUSINESS: &str = "+5493815550100";
pub(crate) const CUSTOMER: &str = "+5493815550142";
pub(crate) const SECRET: &str = "whsec_0123456789abcdef0123456789abcdef";

pub(crate) struct Sim {
    child: Child,
    pub(crate) base: String,
    pub(crate) smtp: String,
    pub(crate) client: Client,
}

impl Sim {
    pub(crate) fn start(webhook_url: Option<&str>) -> Self {
        // The webhook receiver speaks plain HTTP, but reqwest wants a TLS provider all the same.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let mut command = Command::new(env!("CARGO_BIN_EXE_simulators"));
        command.args(["--listen", "127.0.0.1:0", "--smtp", "127.0.0.1:0", "--api-key", "key"]);
        command.args(["--business-number", &format!("{BUSINESS}=Clínica Sol"), "--openai-key", "sk-test"]);
        if let Some(url) = webhook_url {
            command.args(["--webhook-url", url, "--webhook-secret", SECRET]);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let address = |key: &str| ready[key].as_str().unwrap().to_owned();
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap();
        Self { base: address("http"), smtp: address("smtp"), child, client }
    }

    pub(crate) async fn control(&self, path: &str, body: Value) -> Value {
        let response = self.client.post(format!("{}/_sim/{path}", self.base)).json(&body).send().await.unwrap();
        assert!(response.status().is_success(), "{path}: {}", response.text().await.unwrap());
        response.json().await.unwrap()
    }

    pub(crate) async fn observe(&self, path: &str) -> Value {
        let response = self.client.get(format!("{}/_sim/{path}", self.base)).send().await.unwrap();
        response.json().await.unwrap()
    }

    pub(crate) async fn send(&self, body: &Value) -> reqwest::Result<reqwest::Response> {
        let url = format!("{}/ycloud/v2/whatsapp/messages/sendDirectly", self.base);
        self.client.post(url).header("X-API-Key", "key").json(body).send().await
    }

    pub(crate) async fn chat(&self, body: &Value) -> reqwest::Response {
        let url = format!("{}/openai/v1/chat/completions", self.base);
        self.client.post(url).bearer_auth("sk-test").json(body).send().await.unwrap()
    }

    /// A customer message, so that the service window is open.
    pub(crate) async fn open_window(&self) {
        self.control("ycloud/inbound", json!({ "from": CUSTOMER, "text": "hola" })).await;
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn text(external_id: &str) -> Value {
    json!({
        "from": BUSINESS, "to": CUSTOMER, "type": "text", "text": { "body": "buenas" }, "externalId": external_id,
    })
}

#[derive(Clone)]
pub(crate) struct Delivered {
    pub(crate) signature: String,
    pub(crate) endpoint_id: String,
    pub(crate) body: Bytes,
}

impl Delivered {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Receives webhooks; refuses as many as it is told to, with 503.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    inner: Arc<Mutex<(Vec<Delivered>, u32)>>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let receiver = Self { url, inner: Arc::default() };
        let app = Router::new().route("/hook", post(receive)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        receiver
    }

    pub(crate) fn refuse(&self, times: u32) {
        self.inner.lock().unwrap().1 = times;
    }

    pub(crate) fn delivered(&self) -> Vec<Delivered> {
        self.inner.lock().unwrap().0.clone()
    }

    /// The events of a type, in order of arrival.
    pub(crate) fn events(&self, kind: &str) -> Vec<Value> {
        self.delivered().iter().map(Delivered::json).filter(|event| event["type"] == kind).collect()
    }
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    let delivered = Delivered { signature: header("YCloud-Signature"), endpoint_id: header("X-Webhook-Endpoint-ID"), body };
    let mut inner = receiver.inner.lock().unwrap();
    inner.0.push(delivered);
    if inner.1 > 0 {
        inner.1 -= 1;
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    StatusCode::OK
}

/// Polls until the condition gives a value; fails after ten seconds.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut condition: impl FnMut() -> F) -> T {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(value) = condition().await {
            return value;
        }
        assert!(Instant::now() < deadline, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
