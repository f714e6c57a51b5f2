//! The model: one request with bounded, visible retries. What comes back is lenient; what goes wrong is classified so
//! that a turn can act on it.

mod failure;
mod service;
mod tenants;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use nexus_core::http_client;
use rand::Rng as _;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::time::Instant;

use self::tenants::{OwnModels, Owner};
use crate::config::ModelSettings;

pub use failure::ModelError;
pub use wire::{ChatMessage, ChatRequest, ModelAnswer, RequestedCall, ToolChoice};

/// After the first try; each costs the customer time.
const RETRIES: u32 = 2;
/// A server may ask for more patience than a customer has.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Where the model is unless somebody says otherwise.
pub const OPENAI_URL: &str = "https://api.openai.com/v1";

/// A handle on the model; cheap to clone.
#[derive(Clone, Debug)]
pub struct Model {
    /// `None` without an API key.
    client: Option<Client<OpenAIConfig>>,
    default_model: String,
    /// The models of businesses that have their own; `None` in one of those.
    own: Option<Arc<OwnModels>>,
    /// Whose it is, when it is a business's own.
    owner: Option<Owner>,
}

impl Model {
    /// Makes the client; does not call anybody.
    pub fn new(settings: &ModelSettings) -> Result<Self, reqwest::Error> {
        let http = http_client::build(CONNECT_TIMEOUT, settings.timeout)?;
        let client = settings.api_key.as_ref().map(|key| client(&http, &settings.base_url, key));
        let own = OwnModels::new(settings.targets, CONNECT_TIMEOUT, settings.timeout)?;
        Ok(Self { client, default_model: settings.default_model.clone(), own: Some(Arc::new(own)), owner: None })
    }

    /// Whether it can be asked at all.
    #[must_use]
    pub const fn has_key(&self) -> bool {
        self.client.is_some()
    }

    /// The model of an assistant that names none.
    #[must_use]
    pub fn default_model(&self) -> &str {
        &self.default_model
    }

    /// Asks once, and again where that may help, but never past the deadline.
    pub async fn complete(&self, request: &ChatRequest, deadline: Instant) -> Result<ModelAnswer, ModelError> {
        let client = self.client.as_ref().ok_or(ModelError::NoKey)?;
        let mut retries = 0;
        loop {
            let error = match ask(client, request).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let pause = retry_pause(&error, retries);
            let Some(pause) = pause.filter(|pause| Instant::now() + *pause < deadline) else { return Err(error) };
            tracing::warn!(class = error.class(), retries, "the model did not answer; asking again");
            tokio::time::sleep(pause).await;
            retries += 1;
        }
    }
}

/// Every value is set, because the crate would fill gaps from the process environment.
fn client(http: &reqwest::Client, base_url: &str, key: &SecretString) -> Client<OpenAIConfig> {
    let config =
        OpenAIConfig::new().with_api_base(base_url).with_api_key(key.expose_secret()).with_org_id("").with_project_id("");
    // The crate's own retries know no upper bound; this service makes exactly one request.
    Client::build(http.clone(), config).with_http_service(service::OneRequest::new(http.clone()))
}

async fn ask(client: &Client<OpenAIConfig>, request: &ChatRequest) -> Result<ModelAnswer, ModelError> {
    let started = Instant::now();
    let response: Result<Value, _> = client.chat().create_byot(request).await;
    let answer = response.map_err(ModelError::from).and_then(wire::read_answer);
    let outcome = answer.as_ref().map_or_else(ModelError::class, |_| "ok");
    metrics::histogram!("model_request_seconds", "outcome" => outcome).record(started.elapsed().as_secs_f64());
    if let Ok(answer) = &answer {
        metrics::counter!("model_tokens_total", "kind" => "prompt").increment(answer.prompt_tokens);
        metrics::counter!("model_tokens_total", "kind" => "completion").increment(answer.completion_tokens);
    }
    answer
}

/// How long to wait before another try, or `None` when another try cannot help.
fn retry_pause(error: &ModelError, retries: u32) -> Option<Duration> {
    if retries >= RETRIES {
        return None;
    }
    let asked_for = match error {
        ModelError::RateLimited { retry_after } | ModelError::Unavailable { retry_after } => *retry_after,
        ModelError::Unreadable => None,
        ModelError::NoKey | ModelError::BadKey | ModelError::QuotaExhausted | ModelError::Refused { .. } => return None,
    };
    let backoff = Duration::from_millis(500 << retries).mul_f64(rand::rng().random_range(0.8..1.2));
    Some(asked_for.map_or(backoff, |asked| asked.clamp(backoff, LONGEST_RETRY_AFTER)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_are_few_and_patience_is_bounded() {
        let asked = |seconds| ModelError::RateLimited { retry_after: Some(Duration::from_secs(seconds)) };
        assert_eq!(retry_pause(&asked(3), 0), Some(Duration::from_secs(3)));
        assert_eq!(retry_pause(&asked(3600), 1), Some(LONGEST_RETRY_AFTER));
        assert_eq!(retry_pause(&asked(3), 2), None);
        assert!(retry_pause(&ModelError::Unavailable { retry_after: None }, 0).is_some());
        for hopeless in [ModelError::NoKey, ModelError::BadKey, ModelError::QuotaExhausted, ModelError::Refused { code: None }] {
            assert_eq!(retry_pause(&hopeless, 0), None);
        }
    }
}
