//! What a business enters for each kind of outside system besides the secret, and what can be wrong with it.

use lettre::message::Mailbox;
use nexus_core::targets::Targets;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::IntegrationKind;
use super::google_key::GoogleKey;
use crate::config::Security;

const LONGEST: usize = 254;
/// Submission and relay ports; through any other one could look for services that are not mail servers.
const MAIL_PORTS: [u16; 4] = [25, 465, 587, 2525];

/// The model provider of a business, or any server that speaks its protocol.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenAiSettings {
    /// Absent: OpenAI's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The model of assistants that name none. Absent: the installation's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

/// The shop of a business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TiendanubeSettings {
    /// The number of the store.
    pub store_id: String,
    /// Absent: `https://api.tiendanube.com`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_url: Option<String>,
    /// `2025-03` (as when absent) or `v1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
}

/// The calendar of a business; everything else stands in its key file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GoogleCalendarSettings {}

/// The mail server of a business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SmtpSettings {
    /// Its name.
    pub host: String,
    /// 25, 465, 587 or 2525.
    pub port: u16,
    /// What protects the connection.
    pub security: Security,
    /// The account there; the secret is its password. Absent: the server asks for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The sender, e.g. `Clinic <office@example.com>`.
    pub from: String,
}

/// The settings of one kind; which one it is stands in the path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum IntegrationSettings {
    /// Of `openai`.
    OpenAi(OpenAiSettings),
    /// Of `tiendanube`.
    Tiendanube(TiendanubeSettings),
    /// Of `smtp`.
    Smtp(SmtpSettings),
    /// Of `google_calendar`.
    GoogleCalendar(GoogleCalendarSettings),
}

/// Why settings cannot be read; names the field.
pub type Unreadable = serde_path_to_error::Error<serde_json::Error>;

/// One field that is not right, and what it must be.
pub type Mistake = (&'static str, String);

impl IntegrationSettings {
    /// Reads the settings of a kind; unknown fields are refused.
    pub fn read(kind: IntegrationKind, value: &Value) -> Result<Self, Unreadable> {
        fn typed<T: DeserializeOwned>(value: &Value) -> Result<T, Unreadable> {
            serde_path_to_error::deserialize(value)
        }
        match kind {
            IntegrationKind::OpenAi => typed(value).map(Self::OpenAi),
            IntegrationKind::Tiendanube => typed(value).map(Self::Tiendanube),
            IntegrationKind::GoogleCalendar => typed(value).map(Self::GoogleCalendar),
            IntegrationKind::Smtp => typed(value).map(Self::Smtp),
        }
    }

    /// As it stands in the database.
    #[must_use]
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Everything that is not right, by field.
    #[must_use]
    pub fn mistakes(&self, targets: Targets) -> Vec<Mistake> {
        match self {
            Self::OpenAi(settings) => settings.mistakes(targets),
            Self::Tiendanube(settings) => settings.mistakes(targets),
            Self::GoogleCalendar(_) => Vec::new(),
            Self::Smtp(settings) => settings.mistakes(targets),
        }
    }

    /// Where the secret is sent to, and as whose. When this changes the secret must be entered again: otherwise whoever
    /// may change settings could have it sent to themselves.
    #[must_use]
    pub fn destination(&self) -> String {
        match self {
            Self::OpenAi(settings) => settings.base_url.clone().unwrap_or_default(),
            Self::Tiendanube(settings) => settings.api_url.clone().unwrap_or_default(),
            Self::GoogleCalendar(_) => String::new(),
            Self::Smtp(settings) => {
                format!("{}:{} {:?} {:?}", settings.host.to_ascii_lowercase(), settings.port, settings.security, settings.user)
            }
        }
    }

    /// Whether it is of any use without a secret.
    #[must_use]
    pub const fn needs_secret(&self) -> bool {
        match self {
            Self::OpenAi(_) | Self::Tiendanube(_) | Self::GoogleCalendar(_) => true,
            Self::Smtp(settings) => settings.user.is_some(),
        }
    }

    /// What is wrong with a secret, as far as its form tells. Says nothing of what stands in it.
    #[must_use]
    pub fn mistake_of_secret(&self, secret: &str) -> Option<&'static str> {
        match self {
            Self::GoogleCalendar(_) => GoogleKey::read(secret).err().map(|mistake| mistake.words()),
            // Keys and tokens travel in headers.
            Self::OpenAi(_) | Self::Tiendanube(_) if !secret.trim().bytes().all(|byte| byte.is_ascii_graphic()) => {
                Some("must be one line of letters, digits and signs, without spaces")
            }
            Self::Smtp(settings) if settings.user.is_none() => Some("has no use without a user"),
            _ => None,
        }
    }
}

impl OpenAiSettings {
    fn mistakes(&self, targets: Targets) -> Vec<Mistake> {
        let mut found = Vec::new();
        check_url(&mut found, "settings.base_url", self.base_url.as_deref(), targets);
        let is_model = self.model.as_ref().is_none_or(|model| is_name(model));
        expect(&mut found, is_model, "settings.model", "must be the name of a model, e.g. gpt-4.1-mini");
        found
    }
}

impl TiendanubeSettings {
    /// Where its API is, without a trailing slash.
    #[must_use]
    pub fn api_url(&self) -> &str {
        self.api_url.as_deref().unwrap_or("https://api.tiendanube.com").trim_end_matches('/')
    }

    /// Which version of the API is spoken.
    #[must_use]
    pub fn api_version(&self) -> &str {
        self.api_version.as_deref().unwrap_or("2025-03")
    }

    fn mistakes(&self, targets: Targets) -> Vec<Mistake> {
        let mut found = Vec::new();
        // It becomes part of a path.
        let is_number = (1..=20).contains(&self.store_id.len()) && self.store_id.bytes().all(|byte| byte.is_ascii_digit());
        expect(&mut found, is_number, "settings.store_id", "must be the number of the store, e.g. 5310042");
        check_url(&mut found, "settings.api_url", self.api_url.as_deref(), targets);
        let is_version = matches!(self.api_version(), "v1" | "2025-03");
        expect(&mut found, is_version, "settings.api_version", "must be 2025-03 or v1");
        found
    }
}

impl SmtpSettings {
    fn mistakes(&self, targets: Targets) -> Vec<Mistake> {
        let mut found = Vec::new();
        match targets.check_host(&self.host) {
            _ if !is_host(&self.host) => found.push(("settings.host", "must be the name of a mail server".to_owned())),
            Err(problem) => found.push(("settings.host", problem.to_string())),
            Ok(()) => {}
        }
        let is_port = self.port != 0 && (targets.allow_private || MAIL_PORTS.contains(&self.port));
        expect(&mut found, is_port, "settings.port", "must be 25, 465, 587 or 2525");
        let is_safe = self.security != Security::None || self.user.is_none() || targets.allow_private;
        expect(&mut found, is_safe, "settings.security", "must not be none when a password crosses the net");
        let is_user =
            self.user.as_ref().is_none_or(|user| (1..=LONGEST).contains(&user.len()) && !user.contains(char::is_control));
        expect(&mut found, is_user, "settings.user", "must be the name of the account");
        let is_sender = self.from.len() <= LONGEST && self.from.parse::<Mailbox>().is_ok();
        expect(&mut found, is_sender, "settings.from", "must be an e-mail address, e.g. Clinic <office@example.com>");
        found
    }
}

fn check_url(found: &mut Vec<Mistake>, field: &'static str, url: Option<&str>, targets: Targets) {
    let Some(url) = url else { return };
    if url.len() > LONGEST {
        found.push((field, format!("must have at most {LONGEST} characters")));
    } else if let Err(problem) = targets.check_url(url) {
        found.push((field, problem.to_string()));
    }
}

fn expect(found: &mut Vec<Mistake>, holds: bool, field: &'static str, words: &str) {
    if !holds {
        found.push((field, words.to_owned()));
    }
}

fn is_name(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_host(text: &str) -> bool {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(is_known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(kind: IntegrationKind, settings: &Value) -> Vec<&'static str> {
        let settings = IntegrationSettings::read(kind, settings).unwrap();
        settings.mistakes(Targets::default()).into_iter().map(|(field, _)| field).collect()
    }

    #[test]
    fn every_mistake_is_named() {
        let openai = json!({"base_url": "https://10.0.0.1/v1", "model": "two words"});
        assert_eq!(fields(IntegrationKind::OpenAi, &openai), ["settings.base_url", "settings.model"]);
        let shop = json!({"store_id": "../1", "api_url": "http://api.example.com", "api_version": "v9"});
        let expected = ["settings.store_id", "settings.api_url", "settings.api_version"];
        assert_eq!(fields(IntegrationKind::Tiendanube, &shop), expected);
        let mail = json!({"host": "127.0.0.1", "port": 22, "security": "none", "user": "a", "from": "nobody"});
        let expected = ["settings.host", "settings.port", "settings.security", "settings.from"];
        assert_eq!(fields(IntegrationKind::Smtp, &mail), expected);
        assert!(fields(IntegrationKind::OpenAi, &json!({})).is_empty());
        assert!(
            IntegrationSettings::read(IntegrationKind::GoogleCalendar, &json!({"token_uri": "https://evil.example"})).is_err()
        );
    }

    #[test]
    fn where_the_secret_goes_is_part_of_the_settings() {
        let read = |settings: Value| IntegrationSettings::read(IntegrationKind::OpenAi, &settings).unwrap().destination();
        assert_eq!(read(json!({"model": "a"})), read(json!({"model": "b"})));
        assert_ne!(read(json!({})), read(json!({"base_url": "https://evil.example"})));
    }
}
