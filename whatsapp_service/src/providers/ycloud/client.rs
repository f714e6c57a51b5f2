//! Calls to YCloud's API: send directly, look up, typing.

use std::time::Duration;

use chrono::{DateTime, Utc};
use nexus_core::message::OutboundContent;
use nexus_core::telemetry::error_chain;
use reqwest::Response;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::refusals;
use crate::providers::{LookUp, Refusal, SendOutcome};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Integrators see answers within 20 s; a later one would outlive the customer's patience.
const SEND_TIMEOUT: Duration = Duration::from_secs(20);
/// Read marks and typing dots are cosmetic.
const COSMETIC_TIMEOUT: Duration = Duration::from_secs(2);
/// The most items one page may have.
const PAGE: usize = 100;

/// Where a message goes.
#[derive(Clone, Debug)]
pub enum Recipient {
    /// E.164.
    Phone(String),
    /// A business-scoped user id, for people who hide their number.
    UserId(String),
}

/// A client of one installation; keys are given per call, because each channel may have its own.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base_url: String,
}

impl Client {
    /// `base_url` without a trailing slash.
    pub fn new(base_url: &str) -> Result<Self, reqwest::Error> {
        Ok(Self { http: nexus_core::http_client::build(CONNECT_TIMEOUT, SEND_TIMEOUT)?, base_url: base_url.to_owned() })
    }

    /// Submits one message to Meta before it answers, so refusals show at once and bubbles stay in order.
    pub async fn send(
        &self,
        key: &SecretString,
        from: &str,
        to: &Recipient,
        external_id: &str,
        content: &OutboundContent,
    ) -> SendOutcome {
        let body = request_body(from, to, external_id, content);
        let url = format!("{}/whatsapp/messages/sendDirectly", self.base_url);
        let response = self.http.post(url).header("X-API-Key", key.expose_secret()).json(&body).send().await;
        match response {
            Ok(response) => read_send_answer(response).await,
            // Nothing had been written yet, so nothing can have been taken.
            Err(error) if error.is_connect() || error.is_builder() => {
                SendOutcome::Unavailable(Refusal { code: "connect".to_owned(), detail: error_chain(&error.without_url()) })
            }
            Err(error) => SendOutcome::Unknown(error_chain(&error.without_url())),
        }
    }

    /// Looks for an earlier send among the newest outbound messages. The endpoint is not documented, so anything
    /// unexpected is inconclusive.
    pub async fn look_up(&self, key: &SecretString, to: &Recipient, external_id: &str, sent_after: DateTime<Utc>) -> LookUp {
        let mut query = vec![("limit".to_owned(), PAGE.to_string())];
        if let Recipient::Phone(phone) = to {
            query.push(("filter.to".to_owned(), phone.clone()));
        }
        let url = format!("{}/whatsapp/messages", self.base_url);
        let answer = self.http.get(url).query(&query).header("X-API-Key", key.expose_secret()).send().await;
        let Ok(response) = answer.and_then(Response::error_for_status) else { return LookUp::Inconclusive };
        let Ok(page) = response.json::<Value>().await else { return LookUp::Inconclusive };
        find_in_page(&page, external_id, sent_after)
    }

    /// Shows typing dots and marks the message as read, unless that takes too long.
    pub async fn show_typing(&self, key: &SecretString, message_ref: &str) {
        // The route was renamed in 2026; older accounts still answer only to the former name.
        for route in ["typing", "typingIndicator"] {
            let url = format!("{}/whatsapp/inboundMessages/{message_ref}/{route}", self.base_url);
            let request = self.http.post(url).header("X-API-Key", key.expose_secret()).timeout(COSMETIC_TIMEOUT);
            match request.send().await {
                Ok(response) if response.status().as_u16() == 404 => {}
                Ok(_) | Err(_) => return,
            }
        }
    }
}

fn request_body(from: &str, to: &Recipient, external_id: &str, content: &OutboundContent) -> Value {
    let mut body = json!({ "from": from, "externalId": external_id, "type": content.kind() });
    match to {
        Recipient::Phone(phone) => body["to"] = json!(phone),
        Recipient::UserId(id) => body["recipient"] = json!(id),
    }
    match content {
        OutboundContent::Text { body: text } => body["text"] = json!({ "body": text, "preview_url": text.contains("https://") }),
        OutboundContent::Template { name, language, components, .. } => {
            body["template"] = json!({
                "name": name,
                "language": { "code": language, "policy": "deterministic" },
                "components": components,
            });
        }
        OutboundContent::List { body: question, button, rows } => {
            body["interactive"] = json!({
                "type": "list",
                "body": { "text": question },
                "action": { "button": button, "sections": [{ "rows": rows }] },
            });
        }
    }
    body
}

async fn read_send_answer(response: Response) -> SendOutcome {
    let status = response.status();
    let wait = retry_after(response.headers());
    let body = match response.bytes().await {
        Ok(body) => body,
        Err(_) if status.as_u16() == 429 => return SendOutcome::RateLimited(wait),
        Err(error) => return SendOutcome::Unknown(format!("the answer broke off: {}", error.without_url())),
    };
    if !status.is_success() {
        return refusals::classify(status.as_u16(), wait, &body);
    }
    let answer = serde_json::from_slice::<Value>(&body).unwrap_or(Value::Null);
    match answer.get("id").and_then(Value::as_str) {
        Some(id) => SendOutcome::Accepted {
            provider_ref: id.to_owned(),
            provider_message_id: answer.get("wamid").and_then(Value::as_str).map(str::to_owned),
        },
        None => SendOutcome::Unknown("the answer could not be read".to_owned()),
    }
}

/// Whole seconds, at most an hour: a longer wait would outlive the service window unnoticed.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(3600)))
}

fn find_in_page(page: &Value, external_id: &str, sent_after: DateTime<Utc>) -> LookUp {
    let Some(items) = page.get("items").and_then(Value::as_array) else { return LookUp::Inconclusive };
    let text = |item: &Value, key: &str| item.get(key).and_then(Value::as_str).map(str::to_owned);
    if let Some(item) = items.iter().find(|item| item.get("externalId").and_then(Value::as_str) == Some(external_id)) {
        return match text(item, "id") {
            Some(provider_ref) => LookUp::Found { provider_ref, provider_message_id: text(item, "wamid") },
            None => LookUp::Inconclusive,
        };
    }
    // Newest first: a full page that does not reach back to our call says nothing about it.
    let oldest = items.last().and_then(|item| text(item, "createTime")?.parse::<DateTime<Utc>>().ok());
    let reaches_back = items.len() < PAGE || oldest.is_some_and(|oldest| oldest < sent_after);
    if reaches_back { LookUp::Absent } else { LookUp::Inconclusive }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_does_not_reach_back_proves_nothing() {
        let sent_at: DateTime<Utc> = "2026-10-05T13:00:00Z".parse().unwrap();
        let item = |time: &str| json!({"id": "a", "externalId": "other", "createTime": time});
        let full = |time: &str| json!({"items": vec![item(time); PAGE]});
        assert_eq!(find_in_page(&full("2026-10-05T14:00:00Z"), "nx_1", sent_at), LookUp::Inconclusive);
        assert_eq!(find_in_page(&full("2026-10-05T12:00:00Z"), "nx_1", sent_at), LookUp::Absent);
        assert_eq!(find_in_page(&json!({"items": []}), "nx_1", sent_at), LookUp::Absent);
        assert_eq!(find_in_page(&json!({"error": {}}), "nx_1", sent_at), LookUp::Inconclusive);
    }

    #[test]
    fn a_found_send_brings_its_ids() {
        let page = json!({"items": [{"id": "a", "wamid": "w", "externalId": "nx_1"}]});
        let found = LookUp::Found { provider_ref: "a".to_owned(), provider_message_id: Some("w".to_owned()) };
        assert_eq!(find_in_page(&page, "nx_1", Utc::now()), found);
    }
}
