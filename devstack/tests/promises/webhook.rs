//! Webhooks posted by hand, for what a provider would never send.

use std::time::{Duration, Instant};

use devstack::Stack;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// An answer of the edge.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub problem_code: Option<String>,
    pub took: Duration,
}

/// The header the provider would send with this body now.
pub fn signature(stack: &Stack, body: &[u8]) -> String {
    let timestamp = chrono::Utc::now().timestamp();
    let mut mac = Hmac::<Sha256>::new_from_slice(stack.secrets().webhook_secret.as_bytes()).unwrap();
    mac.update(format!("{timestamp}.").as_bytes());
    mac.update(body);
    format!("t={timestamp},s={}", hex::encode(mac.finalize().into_bytes()))
}

/// Posts a body with a valid signature.
pub async fn post_signed(stack: &Stack, body: impl Into<Vec<u8>>) -> Answer {
    let body = body.into();
    let header = signature(stack, &body);
    post(stack, body, Some(&header)).await
}

/// Posts a body with any header or none.
pub async fn post(stack: &Stack, body: Vec<u8>, signature: Option<&str>) -> Answer {
    let client = reqwest::Client::new();
    let mut request = client.post(format!("{}/webhook/ycloud", stack.edge.url())).timeout(Duration::from_secs(15)).body(body);
    if let Some(signature) = signature {
        request = request.header("YCloud-Signature", signature);
    }
    let started = Instant::now();
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let is_problem = response.headers().get("content-type").is_some_and(|kind| kind == "application/problem+json");
    let body: Value = response.json().await.unwrap_or(Value::Null);
    let problem_code = is_problem.then(|| body["code"].as_str().unwrap_or_default().to_owned());
    Answer { status, problem_code, took: started.elapsed() }
}

/// A text message as the provider describes it.
pub fn text_event(event_id: &str, from: &str, to: &str, text: &str) -> Value {
    json!({
        "id": event_id, "type": "whatsapp.inbound_message.received", "apiVersion": "v2",
        "whatsappInboundMessage": {
            "id": format!("ref_{event_id}"), "wamid": format!("wamid.{event_id}"), "from": from, "to": to,
            "sendTime": chrono::Utc::now().to_rfc3339(), "type": "text", "text": {"body": text}
        }
    })
}
