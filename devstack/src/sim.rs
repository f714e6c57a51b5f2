//! The simulators' control API, JSON in and JSON out. What each route accepts is the simulators' own business;
//! here is only what nearly every test needs.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use reqwest::Method;
use serde::Serialize;
use serde_json::{Value, json};

use crate::http;

/// Generous: an inbound message waits for the webhook's answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A client of the running simulators.
#[derive(Clone, Debug)]
pub struct Sim {
    base: String,
    http: reqwest::Client,
}

impl Sim {
    /// For simulators at `base`, e.g. `http://127.0.0.1:8004`.
    pub fn new(base: impl Into<String>) -> Result<Self> {
        Ok(Self { base: base.into(), http: http::client(TIMEOUT)? })
    }

    /// A customer's text reaches the business.
    pub async fn inbound(&self, from: &str, to: &str, text: &str) -> Result<Value> {
        self.post("/_sim/ycloud/inbound", &json!({ "from": from, "to": to, "text": text })).await
    }

    /// Any inbound message: media, several at once, fixed ids.
    pub async fn inbound_with(&self, message: &impl Serialize) -> Result<Value> {
        self.post("/_sim/ycloud/inbound", message).await
    }

    /// A raw provider event.
    pub async fn event(&self, event: &impl Serialize) -> Result<Value> {
        self.post("/_sim/ycloud/event", event).await
    }

    /// Somebody answered from the business phone.
    pub async fn echo(&self, echo: &impl Serialize) -> Result<Value> {
        self.post("/_sim/ycloud/echo", echo).await
    }

    /// A delivery status.
    pub async fn status(&self, status: &impl Serialize) -> Result<Value> {
        self.post("/_sim/ycloud/status", status).await
    }

    /// What the simulated YCloud accepted for sending.
    pub async fn accepted(&self) -> Result<Value> {
        self.get("/_sim/ycloud/accepted").await
    }

    /// Changes the simulated account.
    pub async fn configure(&self, change: &impl Serialize) -> Result<Value> {
        self.post("/_sim/ycloud/config", change).await
    }

    /// Arms a fault.
    pub async fn fault(&self, fault: &impl Serialize) -> Result<Value> {
        self.post("/_sim/faults", fault).await
    }

    /// Disarms all faults.
    pub async fn clear_faults(&self) -> Result<Value> {
        self.delete("/_sim/faults").await
    }

    /// Tells the model what to answer.
    pub async fn script(&self, script: &impl Serialize) -> Result<Value> {
        self.post("/_sim/openai/script", script).await
    }

    /// Lets a held model answer go.
    pub async fn release(&self, which: &impl Serialize) -> Result<Value> {
        self.post("/_sim/openai/release", which).await
    }

    /// Model calls that are being held.
    pub async fn waiting(&self) -> Result<Value> {
        self.get("/_sim/openai/waiting").await
    }

    /// Model calls so far.
    pub async fn model_requests(&self) -> Result<Value> {
        self.get("/_sim/openai/requests").await
    }

    /// Mails received so far.
    pub async fn mails(&self) -> Result<Value> {
        self.get("/_sim/smtp/messages").await
    }

    /// Back to how it started.
    pub async fn reset(&self) -> Result<Value> {
        self.post("/_sim/reset", &json!({})).await
    }

    /// `GET` of any path.
    pub async fn get(&self, path: &str) -> Result<Value> {
        self.call(Method::GET, path, None::<&()>).await
    }

    /// `POST` of any path.
    pub async fn post(&self, path: &str, body: &impl Serialize) -> Result<Value> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// `DELETE` of any path.
    pub async fn delete(&self, path: &str) -> Result<Value> {
        self.call(Method::DELETE, path, None::<&()>).await
    }

    async fn call(&self, method: Method, path: &str, body: Option<&impl Serialize>) -> Result<Value> {
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.base));
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.with_context(|| format!("simulators: {method} {path}"))?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            bail!("simulators: {method} {path} answers {status}: {text}");
        }
        // Some routes answer nothing; a body that is not JSON is still worth showing.
        if text.is_empty() {
            return Ok(Value::Null);
        }
        Ok(serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }
}
