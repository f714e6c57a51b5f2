//! Partial updates of the configuration: fields left out keep their value.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::{
    config::{BusinessNumber, Config, SmtpCredentials, WebhookEndpoint},
    state::Sim,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Update {
    endpoints: Option<Vec<WebhookEndpoint>>,
    #[serde(default, deserialize_with = "given")]
    api_key: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    openai_key: Option<Option<String>>,
    business_numbers: Option<Vec<BusinessNumber>>,
    retry_scale: Option<f64>,
    resign_retries: Option<bool>,
    webhook_timeout_ms: Option<u64>,
    suspension: Option<bool>,
    sent_delay_ms: Option<u64>,
    delivered_delay_ms: Option<u64>,
    auto_statuses: Option<bool>,
    status_before_response: Option<bool>,
    shuffle_statuses: Option<bool>,
    duplicates: Option<u32>,
    reorder_ms: Option<u64>,
    enforce_window: Option<bool>,
    media_open_secs: Option<u64>,
    #[serde(default, deserialize_with = "given")]
    smtp_credentials: Option<Option<SmtpCredentials>>,
}

pub(super) async fn show(State(sim): State<Arc<Sim>>) -> Json<Value> {
    Json(json!(*sim.config()))
}

pub(super) async fn update(State(sim): State<Arc<Sim>>, Json(update): Json<Update>) -> Json<Value> {
    let mut config = sim.config();
    update.apply(&mut config);
    Json(json!(*config))
}

impl Update {
    fn apply(self, config: &mut Config) {
        set(&mut config.endpoints, self.endpoints);
        set(&mut config.api_key, self.api_key);
        set(&mut config.openai_key, self.openai_key);
        set(&mut config.business_numbers, self.business_numbers);
        set(&mut config.retry_scale, self.retry_scale);
        set(&mut config.resign_retries, self.resign_retries);
        set(&mut config.webhook_timeout_ms, self.webhook_timeout_ms);
        set(&mut config.suspension, self.suspension);
        set(&mut config.sent_delay_ms, self.sent_delay_ms);
        set(&mut config.delivered_delay_ms, self.delivered_delay_ms);
        set(&mut config.auto_statuses, self.auto_statuses);
        set(&mut config.status_before_response, self.status_before_response);
        set(&mut config.shuffle_statuses, self.shuffle_statuses);
        set(&mut config.duplicates, self.duplicates);
        set(&mut config.reorder_ms, self.reorder_ms);
        set(&mut config.enforce_window, self.enforce_window);
        set(&mut config.media_open_secs, self.media_open_secs);
        set(&mut config.smtp_credentials, self.smtp_credentials);
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// Tells `null` (take it away) from a field that is left out (keep it).
pub(super) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}
