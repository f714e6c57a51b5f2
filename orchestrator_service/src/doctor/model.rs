//! The model provider of the installation: reachable, and the key accepted. Nothing that costs money is asked.

use nexus_core::env::Env;
use reqwest::{Client, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::Value;

use super::finding::{Finding, Kind};
use super::report::Check;

const NAME: &str = "model";

/// Lists the provider's models.
pub(super) async fn check(env: &Env, http: &Client) -> Check {
    let Some(key) = env.optional_secret("OPENAI_API_KEY") else {
        return Check::found(NAME, Finding::plain(Kind::ModelKeyMissing));
    };
    let base = env.optional("OPENAI_BASE_URL").unwrap_or_else(|| "https://api.openai.com/v1".to_owned());
    let base = base.trim_end_matches('/');
    let Ok(answer) = http.get(format!("{base}/models")).bearer_auth(key.expose_secret()).send().await else {
        return Check::found(NAME, Finding::about(Kind::ModelUnreachable, [base]));
    };
    match answer.status() {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Check::found(NAME, Finding::plain(Kind::ModelRefusesKey)),
        status if !status.is_success() => Check::found(NAME, Finding::about(Kind::ModelFails, [status.as_u16().to_string()])),
        _ => has_model(env, &answer.json().await.unwrap_or_default()),
    }
}

/// A list without names proves nothing: some servers serve one model under any name.
fn has_model(env: &Env, listed: &Value) -> Check {
    let wanted = env.optional("OPENAI_MODEL").unwrap_or_else(|| "gpt-4.1-mini".to_owned());
    let names: Vec<&str> = listed["data"].as_array().into_iter().flatten().filter_map(|model| model["id"].as_str()).collect();
    if names.is_empty() || names.contains(&wanted.as_str()) {
        return Check::well(NAME, wanted);
    }
    Check::found(NAME, Finding::about(Kind::ModelUnknown, [wanted]))
}
