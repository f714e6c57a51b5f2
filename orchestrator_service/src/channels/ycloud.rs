//! YCloud's management calls: which numbers a key has, and who calls us about them. Messages go through the edge.

use nexus_core::text::truncated;
use reqwest::{Client, Method, RequestBuilder};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use crate::config::OutsideSettings;
use crate::integrations::finding::Finding;
use crate::integrations::http::{Answered, ask, trusted};
use crate::integrations::scrub::without_secrets;

/// What a channel lives on.
pub const EVENTS: [&str; 3] = ["whatsapp.inbound_message.received", "whatsapp.message.updated", "whatsapp.smb.message.echoes"];

const PAGE: usize = 100;
/// An account with more numbers than this is not a business's own.
const MOST_PAGES: usize = 10;

/// One number of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// E.164.
    pub phone_number: String,
    /// The name that customers see.
    pub name: String,
    /// `CONNECTED` when it can send.
    pub status: String,
    /// `GREEN`, `YELLOW`, `RED` or nothing.
    pub quality: String,
}

/// Where an account's events go.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// YCloud's id.
    pub id: String,
    /// Where they go.
    pub url: String,
    /// `active`, `pending` or `disabled`.
    pub status: String,
    /// Signs them.
    pub secret: Option<SecretString>,
    /// Which of them.
    pub events: Vec<String>,
}

impl Endpoint {
    /// Whether it leaves out events that a channel lives on.
    #[must_use]
    pub fn lacks_events(&self) -> bool {
        EVENTS.iter().any(|needed| !self.events.iter().any(|event| event == needed))
    }
}

/// The API with one key.
pub struct YCloud<'a> {
    http: Client,
    base: &'a str,
    key: &'a SecretString,
}

impl<'a> YCloud<'a> {
    /// Makes the client; does not call anybody.
    pub fn new(outside: &'a OutsideSettings, key: &'a SecretString) -> Result<Self, Finding> {
        Ok(Self { http: trusted()?, base: &outside.ycloud_api_url, key })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).header("X-API-Key", self.key.expose_secret())
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Finding> {
        let request = self.request(method, path);
        let answer = ask(if let Some(body) = body { request.json(body) } else { request }).await?;
        if answer.status.is_success() { Ok(answer.body) } else { Err(of_error(&answer)) }
    }

    /// Every number of the account.
    pub async fn numbers(&self) -> Result<Vec<Number>, Finding> {
        let mut numbers = Vec::new();
        for page in 1..=MOST_PAGES {
            let listed = self.call(Method::GET, &format!("/whatsapp/phoneNumbers?limit={PAGE}&page={page}"), None).await?;
            let items = listed["items"].as_array().ok_or(Finding::NotTheApi)?;
            numbers.extend(items.iter().filter_map(|item| self.number(item)));
            if items.len() < PAGE {
                break;
            }
        }
        Ok(numbers)
    }

    fn number(&self, item: &Value) -> Option<Number> {
        let name = item["verifiedName"].as_str().unwrap_or_default();
        Some(Number {
            phone_number: nexus_core::phone::PhoneNumber::parse(item["phoneNumber"].as_str()?)?.as_str().to_owned(),
            name: truncated(&without_secrets(name, &[self.key]), 100).to_owned(),
            status: word(&item["status"]),
            quality: word(&item["qualityRating"]),
        })
    }

    /// Every endpoint of the account.
    pub async fn endpoints(&self) -> Result<Vec<Endpoint>, Finding> {
        let listed = self.call(Method::GET, &format!("/webhookEndpoints?limit={PAGE}"), None).await?;
        let items = listed["items"].as_array().ok_or(Finding::NotTheApi)?;
        Ok(items.iter().filter_map(endpoint).collect())
    }

    /// Makes an endpoint for all we need.
    pub async fn create_endpoint(&self, url: &str) -> Result<Endpoint, Finding> {
        let body = json!({ "url": url, "enabledEvents": EVENTS, "description": "Nexus", "status": "active" });
        endpoint(&self.call(Method::POST, "/webhookEndpoints", Some(&body)).await?).ok_or(Finding::NotTheApi)
    }

    /// Switches an endpoint on, for all we need besides what it has.
    pub async fn mend_endpoint(&self, known: &Endpoint) -> Result<Endpoint, Finding> {
        // The list is replaced as a whole, and somebody may want more events than we do.
        let more = EVENTS.iter().map(|event| (*event).to_owned()).filter(|event| !known.events.contains(event));
        let events: Vec<String> = known.events.iter().cloned().chain(more).collect();
        let body = json!({ "enabledEvents": events, "status": "active" });
        let path = format!("/webhookEndpoints/{}", known.id);
        endpoint(&self.call(Method::PATCH, &path, Some(&body)).await?).ok_or(Finding::NotTheApi)
    }

    /// Has a new secret made for an endpoint.
    pub async fn rotate_secret(&self, id: &str) -> Result<Endpoint, Finding> {
        let path = format!("/webhookEndpoints/{id}/rotateSecret");
        endpoint(&self.call(Method::POST, &path, None).await?).ok_or(Finding::NotTheApi)
    }

    /// Removes an endpoint; one that is gone already is no failure.
    pub async fn delete_endpoint(&self, id: &str) -> Result<(), Finding> {
        match self.call(Method::DELETE, &format!("/webhookEndpoints/{id}"), None).await {
            Ok(_) | Err(Finding::RequestRefused { status: 404 }) => Ok(()),
            Err(finding) => Err(finding),
        }
    }
}

/// The id becomes part of a path, so a strange one is none.
fn endpoint(item: &Value) -> Option<Endpoint> {
    let id =
        item["id"].as_str().filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))?;
    let events = item["enabledEvents"].as_array().map(Vec::as_slice).unwrap_or_default();
    Some(Endpoint {
        id: id.to_owned(),
        url: item["url"].as_str()?.to_owned(),
        status: item["status"].as_str().unwrap_or("active").to_owned(),
        secret: item["secret"].as_str().filter(|secret| !secret.is_empty()).map(SecretString::from),
        events: events.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
    })
}

/// One of the provider's own words in capitals; anything else is not shown.
fn word(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default();
    let is_word = text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    if is_word { text.to_owned() } else { String::new() }
}

fn of_error(answer: &Answered) -> Finding {
    match (answer.status.as_u16(), answer.body["error"]["code"].as_str()) {
        (403, Some("BALANCE_INSUFFICIENT")) => Finding::NoCredit,
        (403, Some("FORBIDDEN")) => Finding::ScopeMissing,
        (403, Some(_)) => Finding::AccountSuspended,
        _ => answer.failure(),
    }
}
