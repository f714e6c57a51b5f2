//! YCloud's API for templates. Reads loosely: categories, statuses and kinds are added without notice.

use std::time::Duration;

use nexus_core::text;
use reqwest::{Method, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::Template;
use super::store::Read;

const CONNECT: Duration = Duration::from_secs(5);
const TOTAL: Duration = Duration::from_secs(20);
/// The most one page may have.
const PAGE: usize = 100;
/// An account may have 6,000 templates, each in several languages; what goes on longer is not a list.
const MOST_PAGES: usize = 200;
const MOST_WORDS: usize = 500;

/// Why the provider did not do it.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProviderError {
    /// It did not answer, or asks to come back later.
    #[error("the provider does not answer ({0})")]
    Unavailable(String),
    /// It does not know the key, or what it opens.
    #[error("the provider refuses the key")]
    KeyRefused,
    /// There is no such template.
    #[error("the provider has no such template")]
    NotThere,
    /// It is there already.
    #[error("the provider has one of this name and language already")]
    Exists,
    /// It does not take it; these are its own words.
    #[error("{0}")]
    Refused(String),
}

/// The API, with the key of one channel.
pub(super) struct Provider<'a> {
    pub(super) http: reqwest::Client,
    pub(super) base_url: &'a str,
    pub(super) key: SecretString,
}

/// A client that gives up.
pub(super) fn client() -> Result<reqwest::Client, reqwest::Error> {
    nexus_core::http_client::build(CONNECT, TOTAL)
}

impl Provider<'_> {
    /// The account a number belongs to.
    pub(super) async fn account_of(&self, number: &str) -> Result<Option<String>, ProviderError> {
        let wanted = digits(number);
        for item in self.all_pages("/whatsapp/phoneNumbers", &[]).await? {
            if item.get("phoneNumber").and_then(Value::as_str).map(digits) == Some(wanted.clone()) {
                return Ok(string(&item, "wabaId"));
            }
        }
        Ok(None)
    }

    /// Every template of an account.
    pub(super) async fn templates(&self, account: &str) -> Result<Vec<Read>, ProviderError> {
        let items = self.all_pages("/whatsapp/templates", &[("filter.wabaId", account)]).await?;
        Ok(items.iter().filter_map(read).collect())
    }

    /// One template.
    pub(super) async fn template(&self, account: &str, template: &Template) -> Result<Read, ProviderError> {
        let answer = self.call(self.request(Method::GET, &self.address(account, template))).await?;
        read(&answer).ok_or_else(|| ProviderError::Unavailable("the answer could not be read".to_owned()))
    }

    /// Submits a new one.
    pub(super) async fn create(&self, account: &str, template: &Template) -> Result<Read, ProviderError> {
        let body = json!({
            "wabaId": account, "name": template.name, "language": template.language,
            "category": template.category.to_uppercase(), "components": template.components,
        });
        let url = format!("{}/whatsapp/templates", self.base_url);
        let answer = self.call(self.request(Method::POST, &url).json(&body)).await?;
        read(&answer).ok_or_else(|| ProviderError::Unavailable("the answer could not be read".to_owned()))
    }

    /// Submits another definition; it replaces the whole one.
    pub(super) async fn update(&self, account: &str, template: &Template) -> Result<Read, ProviderError> {
        let body = json!({ "components": template.components });
        let answer = self.call(self.request(Method::PATCH, &self.address(account, template)).json(&body)).await?;
        read(&answer).ok_or_else(|| ProviderError::Unavailable("the answer could not be read".to_owned()))
    }

    /// Deletes one language of a template.
    pub(super) async fn delete(&self, account: &str, template: &Template) -> Result<(), ProviderError> {
        self.call(self.request(Method::DELETE, &self.address(account, template))).await.map(drop)
    }

    /// Names are plain and accounts are numbers; a language that came from somewhere else is still only one segment.
    fn address(&self, account: &str, template: &Template) -> String {
        let plain = |part: &str| part.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect::<String>();
        let (account, name, language) = (plain(account), plain(&template.name), plain(&template.language));
        format!("{}/whatsapp/templates/{account}/{name}/{language}", self.base_url)
    }

    async fn all_pages(&self, path: &str, filter: &[(&str, &str)]) -> Result<Vec<Value>, ProviderError> {
        let mut all = Vec::new();
        for page in 1..=MOST_PAGES {
            let (page, limit) = (page.to_string(), PAGE.to_string());
            let query = [("page", page.as_str()), ("limit", limit.as_str())];
            let request = self.request(Method::GET, &format!("{}{path}", self.base_url)).query(&query).query(filter);
            let answer = self.call(request).await?;
            let items = answer.get("items").and_then(Value::as_array);
            let items = items.ok_or_else(|| ProviderError::Unavailable("the answer is not a list".to_owned()))?;
            all.extend(items.iter().cloned());
            if items.len() < PAGE {
                return Ok(all);
            }
        }
        Err(ProviderError::Unavailable("the list does not end".to_owned()))
    }

    fn request(&self, method: Method, url: &str) -> RequestBuilder {
        self.http.request(method, url).header("X-API-Key", self.key.expose_secret())
    }

    async fn call(&self, request: RequestBuilder) -> Result<Value, ProviderError> {
        let unavailable = |error: reqwest::Error| ProviderError::Unavailable(kind_of(&error).to_owned());
        let response = request.send().await.map_err(unavailable)?;
        let status = response.status();
        let body = response.bytes().await.map_err(unavailable)?;
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        if status.is_success() { Ok(answer) } else { Err(refusal(status, &answer)) }
    }
}

/// What went wrong, without the address: it names the account.
fn kind_of(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() { "no answer in time" } else { "no connection" }
}

fn refusal(status: StatusCode, answer: &Value) -> ProviderError {
    let text_at = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    match (status.as_u16(), text_at("/error/code")) {
        (401, _) | (403, "FORBIDDEN" | "UNAUTHORIZED") => ProviderError::KeyRefused,
        (404, _) => ProviderError::NotThere,
        (409, _) => ProviderError::Exists,
        (408 | 425 | 429 | 500.., _) => ProviderError::Unavailable(format!("status {}", status.as_u16())),
        _ => {
            let own = text_at("/error/whatsappApiError/error_user_msg");
            let words = if own.is_empty() { text_at("/error/message") } else { own };
            let words = if words.is_empty() { "the provider gave no reason" } else { words };
            ProviderError::Refused(text::truncated(&text::without_nul(words), MOST_WORDS).to_owned())
        }
    }
}

/// One template as the provider shows it; `None` without an identity.
fn read(item: &Value) -> Option<Read> {
    let small = |key: &str| string(item, key).unwrap_or_default().to_lowercase();
    Some(Read {
        waba_id: string(item, "wabaId")?,
        name: string(item, "name").filter(|name| is_plain(name))?,
        language: string(item, "language")?,
        category: one_of(small("category"), &["authentication", "marketing", "utility"], "other"),
        status: one_of(
            small("status"),
            &["pending", "approved", "rejected", "paused", "disabled", "archived", "in_appeal", "deleted"],
            "unknown",
        ),
        quality: one_of(small("qualityRating"), &["green", "yellow", "red"], "unknown"),
        components: text::json_without_nul(item.get("components").cloned().unwrap_or_else(|| json!([]))),
        reason: string(item, "reason").filter(|reason| reason != "NONE"),
        provider_id: string(item, "officialTemplateId"),
    })
}

fn one_of(value: String, known: &[&str], otherwise: &str) -> String {
    if known.contains(&value.as_str()) { value } else { otherwise.to_owned() }
}

fn is_plain(name: &str) -> bool {
    (1..=512).contains(&name.len()) && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn string(item: &Value, key: &str) -> Option<String> {
    let value = item.get(key).and_then(Value::as_str).filter(|value| !value.is_empty())?;
    Some(text::truncated(&text::without_nul(value), MOST_WORDS).to_owned())
}

fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_provider_shows_is_read_whatever_it_adds() {
        let item = json!({"wabaId": "1", "name": "recordatorio", "language": "es_AR", "category": "NEW", "status": "APPROVED",
                          "qualityRating": "YELLOW", "reason": "NONE", "components": [{"type": "BODY", "text": "x"}], "more": 1});
        let template = read(&item).unwrap();
        assert_eq!(
            (template.category.as_str(), template.status.as_str(), template.quality.as_str()),
            ("other", "approved", "yellow")
        );
        assert_eq!(template.reason, None);
        for broken in [json!({}), json!(7), json!({"wabaId": "1", "name": "No Plain", "language": "es"})] {
            assert!(read(&broken).is_none(), "{broken}");
        }
    }

    #[test]
    fn refusals_are_told_apart_by_what_can_be_done() {
        let of = |status: u16, code: &str| {
            refusal(StatusCode::from_u16(status).unwrap(), &json!({"error": {"code": code, "message": "words"}}))
        };
        assert!(matches!(of(401, "UNAUTHORIZED"), ProviderError::KeyRefused));
        assert!(matches!(of(404, "NOT_FOUND"), ProviderError::NotThere));
        assert!(matches!(of(409, "ALREADY_EXISTS"), ProviderError::Exists));
        assert!(matches!(of(503, ""), ProviderError::Unavailable(_)));
        assert!(matches!(of(403, "WHATSAPP_TEMPLATE_UNEDITABLE"), ProviderError::Refused(words) if words == "words"));
    }
}
