//! The shop: does the store answer to the token, and may the token read its products.

use nexus_core::text::truncated;
use reqwest::header::USER_AGENT;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::Surroundings;
use crate::integrations::finding::{Finding, StepName};
use crate::integrations::http::{Answered, ask, guarded};
use crate::integrations::probe::Probe;
use crate::integrations::scrub::without_secrets;
use crate::integrations::settings::TiendanubeSettings;

pub(super) async fn check(
    probe: &mut Probe,
    settings: &TiendanubeSettings,
    token: &SecretString,
    surroundings: Surroundings<'_>,
) {
    let http = match guarded(surroundings.targets()) {
        Ok(http) => http,
        Err(finding) => return probe.note(StepName::Settings, finding),
    };
    let get = |path: &str| {
        let url = format!("{}/{}/{}/{path}", settings.api_url(), settings.api_version(), settings.store_id);
        // Not `Authorization`; and a User-Agent without a contact is refused with 400.
        http.get(url)
            .header("Authentication", format!("bearer {}", token.expose_secret()))
            .header(USER_AGENT, format!("Nexus ({})", surroundings.contact))
    };
    let store = async {
        let answer = ask(get("store")).await?;
        match answer.status.as_u16() {
            200 if answer.body.is_object() => Ok((Finding::StoreThere { name: name_of(&answer.body, token) }, ())),
            200 => Err(Finding::NotTheApi),
            404 if !answer.body.is_null() => Err(Finding::StoreMissing),
            _ => Err(of_error(&answer)),
        }
    };
    if probe.step(StepName::Store, store).await.is_none() {
        return;
    }
    let products = async {
        let answer = ask(get("products?per_page=1&fields=id")).await?;
        match answer.status.as_u16() {
            200 if answer.body.is_array() => Ok((Finding::ProductsReadable, ())),
            // An empty list is a 404 there.
            404 if !answer.body.is_null() => Ok((Finding::ProductsReadable, ())),
            200 => Err(Finding::NotTheApi),
            _ => Err(of_error(&answer)),
        }
    };
    probe.step(StepName::Permissions, products).await;
}

fn of_error(answer: &Answered) -> Finding {
    match answer.status.as_u16() {
        402 => Finding::StoreSuspended,
        _ => answer.failure(),
    }
}

/// The store's name in its main language.
fn name_of(store: &Value, token: &SecretString) -> String {
    let main = store["main_language"].as_str().unwrap_or("es");
    let names = &store["name"];
    let first = || names.as_object().and_then(|names| names.values().find_map(Value::as_str));
    let name = names[main].as_str().filter(|name| !name.is_empty()).or_else(first).unwrap_or_default();
    truncated(&without_secrets(name, &[token]), 100).to_owned()
}
