//! What the simulated account looks like and how the outside world behaves.
//! Starts from flags and environment; tests change it with `POST /_sim/ycloud/config`.

use anyhow::bail;
use clap::Parser;
use serde::{Deserialize, Serialize};

/// Stand-ins for YCloud, OpenAI and an SMTP server.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Args {
    /// Address of the HTTP port; port 0 picks a free one.
    #[arg(long, env = "SIM_LISTEN", default_value = "127.0.0.1:0")]
    pub(crate) listen: String,
    /// Address of the SMTP port; port 0 picks a free one.
    #[arg(long, env = "SIM_SMTP", default_value = "127.0.0.1:0")]
    pub(crate) smtp: String,
    /// Where YCloud events are delivered.
    #[arg(long, env = "SIM_WEBHOOK_URL")]
    webhook_url: Option<String>,
    /// Secret of that webhook endpoint, with its `whsec_` prefix.
    #[arg(long, env = "SIM_WEBHOOK_SECRET", default_value = "whsec_0123456789abcdef0123456789abcdef")]
    webhook_secret: String,
    /// Key expected in `X-API-Key`; without it every key is accepted.
    #[arg(long, env = "SIM_YCLOUD_API_KEY")]
    api_key: Option<String>,
    /// Business number in E.164, optionally followed by `=Name`; repeatable.
    #[arg(long = "business-number", env = "SIM_BUSINESS_NUMBERS", value_delimiter = ',')]
    business_numbers: Vec<String>,
    /// Key expected in `Authorization: Bearer`; without it every key is accepted.
    #[arg(long, env = "SIM_OPENAI_KEY")]
    openai_key: Option<String>,
}

#[derive(Clone, Serialize)]
pub(crate) struct Config {
    pub(crate) endpoints: Vec<WebhookEndpoint>,
    pub(crate) api_key: Option<String>,
    pub(crate) openai_key: Option<String>,
    pub(crate) business_numbers: Vec<BusinessNumber>,
    /// Multiplies every pause of the retry schedule.
    pub(crate) retry_scale: f64,
    /// Whether a retry carries a fresh `t`; the provider does not say which is true.
    pub(crate) resign_retries: bool,
    pub(crate) webhook_timeout_ms: u64,
    pub(crate) suspension: bool,
    pub(crate) sent_delay_ms: u64,
    pub(crate) delivered_delay_ms: u64,
    pub(crate) auto_statuses: bool,
    pub(crate) status_before_response: bool,
    pub(crate) shuffle_statuses: bool,
    /// How many times every webhook is delivered; 1 is no duplication.
    pub(crate) duplicates: u32,
    /// Upper bound of a random pause before the first attempt of every webhook.
    pub(crate) reorder_ms: u64,
    pub(crate) enforce_window: bool,
    /// How long a media link works without a key.
    pub(crate) media_open_secs: u64,
    /// Credentials the mail server insists on; `None` accepts any.
    pub(crate) smtp_credentials: Option<SmtpCredentials>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct WebhookEndpoint {
    #[serde(default = "endpoint_id")]
    pub(crate) id: String,
    pub(crate) url: String,
    pub(crate) secret: String,
    /// Which events it gets; none named: every event.
    #[serde(default)]
    pub(crate) enabled_events: Vec<String>,
    /// `active`, `disabled` or `pending`; only an active one gets events.
    #[serde(default = "active")]
    pub(crate) status: String,
}

fn active() -> String {
    "active".to_owned()
}

impl WebhookEndpoint {
    /// A new endpoint with a secret of its own.
    pub(crate) fn new(url: &str, enabled_events: Vec<String>) -> Self {
        Self { id: endpoint_id(), url: url.to_owned(), secret: new_secret(), enabled_events, status: active() }
    }

    pub(crate) fn wants(&self, kind: &str) -> bool {
        self.status == "active" && (self.enabled_events.is_empty() || self.enabled_events.iter().any(|event| event == kind))
    }
}

/// A webhook secret in the provider's shape.
pub(crate) fn new_secret() -> String {
    format!("whsec_{}", hex::encode(rand::random::<[u8; 16]>()))
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "BusinessNumberInput")]
pub(crate) struct BusinessNumber {
    pub(crate) phone: String,
    pub(crate) name: String,
    pub(crate) waba_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum BusinessNumberInput {
    Text(String),
    Full { phone: String, name: Option<String>, waba_id: Option<String> },
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SmtpCredentials {
    pub(crate) username: String,
    pub(crate) password: String,
}

impl From<BusinessNumberInput> for BusinessNumber {
    fn from(input: BusinessNumberInput) -> Self {
        match input {
            BusinessNumberInput::Text(text) => {
                let (phone, name) = text.split_once('=').unwrap_or((text.as_str(), ""));
                Self::named(phone, Some(name), None)
            }
            BusinessNumberInput::Full { phone, name, waba_id } => Self::named(&phone, name.as_deref(), waba_id),
        }
    }
}

impl BusinessNumber {
    fn named(phone: &str, name: Option<&str>, waba_id: Option<String>) -> Self {
        let phone = phone.trim().to_owned();
        let name = name.map(str::trim).filter(|name| !name.is_empty()).unwrap_or(&phone).to_owned();
        Self { phone, name, waba_id }
    }
}

impl Config {
    pub(crate) fn from_args(args: &Args) -> anyhow::Result<Self> {
        let business_numbers: Vec<BusinessNumber> = args
            .business_numbers
            .iter()
            .filter(|number| !number.trim().is_empty())
            .map(|number| BusinessNumberInput::Text(number.clone()).into())
            .collect();
        if let Some(bad) = business_numbers.iter().find(|number| !number.phone.starts_with('+')) {
            bail!("business number {} is not in E.164 form (+ and digits)", bad.phone);
        }
        let endpoints = args
            .webhook_url
            .iter()
            .map(|url| WebhookEndpoint { secret: args.webhook_secret.clone(), ..WebhookEndpoint::new(url, Vec::new()) })
            .collect();
        Ok(Self {
            endpoints,
            api_key: args.api_key.clone().filter(|key| !key.is_empty()),
            openai_key: args.openai_key.clone().filter(|key| !key.is_empty()),
            business_numbers,
            retry_scale: 1.0,
            resign_retries: true,
            webhook_timeout_ms: 10_000,
            suspension: false,
            sent_delay_ms: 30,
            delivered_delay_ms: 60,
            auto_statuses: true,
            status_before_response: false,
            shuffle_statuses: false,
            duplicates: 1,
            reorder_ms: 0,
            enforce_window: true,
            media_open_secs: 300,
            smtp_credentials: None,
        })
    }

    /// The WABA behind a number; `None` when the number is not ours.
    pub(crate) fn waba_of(&self, phone: &str) -> Option<String> {
        let position = self.business_numbers.iter().position(|number| number.phone == phone)?;
        let number = self.business_numbers.get(position)?;
        Some(number.waba_id.clone().unwrap_or_else(|| (100_000_000_000_001 + position).to_string()))
    }
}

fn endpoint_id() -> String {
    format!("wh{}", crate::ycloud::ids::hex24())
}
