//! Everything the environment decides, read once. One start reports every mistake by name.

mod access;
mod mail;
mod oidc;
mod outside;
mod store;

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

use nexus_core::env::{Env, EnvErrors};
use nexus_core::targets::Targets;
use nexus_core::telemetry::LogFormat;
use nexus_core::vault::{Vault, VaultError};
use secrecy::{ExposeSecret, SecretString};

pub use access::{AccessSettings, Network};
pub use mail::{MailSettings, Security};
pub use oidc::OidcSettings;
pub use outside::OutsideSettings;
pub use store::StoreSettings;

/// Shorter tokens can be guessed.
const SHORTEST_TOKEN: usize = 16;

/// The settings of the service.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub port: u16,
    /// Log lines.
    pub log_format: LogFormat,
    /// `RUST_LOG`.
    pub log_filter: Option<String>,
    /// Postgres and Redis.
    pub stores: Stores,
    /// What callers must show.
    pub tokens: Tokens,
    /// Which proxies are believed, and what.
    pub access: AccessSettings,
    /// Seals tenant credentials; known to be a key.
    pub credentials_key: SecretString,
    /// `CREDENTIALS_KEY_PREVIOUS`: opens what has not been sealed anew yet; known to be a key.
    pub credentials_key_previous: Option<SecretString>,
    /// Where the systems outside are, and which addresses a business may enter.
    pub outside: OutsideSettings,
    /// The model.
    pub model: ModelSettings,
    /// How turns are taken.
    pub turns: TurnSettings,
    /// Handoff mail, if it is configured.
    pub mail: Option<MailSettings>,
    /// Scales the delays between tries of a job; 1 unless a test is in a hurry.
    pub job_retry_scale: f64,
    /// The identity provider that signs people in, if there is one.
    pub oidc: Option<OidcSettings>,
    /// Where people open the UI, for links in mails.
    pub platform_url: Option<String>,
    /// The built UI, when the brain serves it.
    pub frontend_dir: Option<PathBuf>,
    /// Other origins whose pages may call the API.
    pub cors_allowed_origins: Vec<String>,
    /// The tenant that an empty database starts with.
    pub store: StoreSettings,
}

/// Postgres and Redis.
#[derive(Clone, Debug)]
pub struct Stores {
    /// `POSTGRES_DSN`.
    pub postgres: SecretString,
    /// `POSTGRES_DIRECT_DSN`, past the pooler; migrations use it.
    pub postgres_direct: Option<SecretString>,
    /// `REDIS_URL`.
    pub redis: SecretString,
}

/// What callers must show.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// `INTERNAL_API_TOKEN`, for `POST /chat`.
    pub internal: SecretString,
    /// `ADMIN_TOKEN`, the superadmin's key.
    pub admin: SecretString,
}

/// How to reach the model.
#[derive(Clone, Debug)]
pub struct ModelSettings {
    /// `OPENAI_API_KEY`; without it every conversation goes to a person.
    pub api_key: Option<SecretString>,
    /// `OPENAI_BASE_URL`, without a trailing slash.
    pub base_url: String,
    /// `OPENAI_MODEL`, where an assistant names none.
    pub default_model: String,
    /// How long one request may take.
    pub timeout: Duration,
    /// Which addresses the model of a business may have.
    pub targets: Targets,
}

/// How turns are taken.
#[derive(Clone, Copy, Debug)]
pub struct TurnSettings {
    /// How many run at once in this process.
    pub workers: usize,
    /// How long a worker may be silent before another takes its turn over.
    pub lease: Duration,
    /// The installation's burst window; the edge reads the same variable.
    pub burst_window: Duration,
}

impl Config {
    /// Reads everything, or reports every mistake.
    pub fn read(mut env: Env) -> Result<Self, EnvErrors> {
        let outside = outside::read(&mut env);
        let platform_url = env.optional("PLATFORM_URL").map(|url| url.trim_end_matches('/').to_owned());
        let config = Self {
            port: env.parsed("PORT", 8000, "8000"),
            log_format: env.parsed("LOG_FORMAT", LogFormat::Json, "json"),
            log_filter: env.optional("RUST_LOG"),
            stores: stores(&mut env),
            tokens: Tokens { internal: token(&mut env, "INTERNAL_API_TOKEN"), admin: token(&mut env, "ADMIN_TOKEN") },
            access: access::read(&mut env),
            model: model(&mut env, outside.targets),
            outside,
            turns: turns(&mut env),
            mail: MailSettings::read(&mut env),
            job_retry_scale: retry_scale(&mut env),
            oidc: oidc::read(&mut env, platform_url.as_deref()),
            platform_url,
            frontend_dir: frontend_dir(&mut env),
            cors_allowed_origins: cors_allowed_origins(&mut env),
            store: store::read(&mut env),
            credentials_key: credentials_key(&mut env),
            credentials_key_previous: previous_credentials_key(&mut env),
        };
        env.finish().map(|()| config)
    }

    /// The vault with both keys.
    pub fn vault(&self) -> Result<Vault, VaultError> {
        let vault = Vault::from_base64(&self.credentials_key)?;
        match &self.credentials_key_previous {
            Some(previous) => vault.with_previous(previous),
            None => Ok(vault),
        }
    }

    /// Where to listen: every interface, because containers publish ports from there.
    #[must_use]
    pub fn address(&self) -> (Ipv4Addr, u16) {
        (Ipv4Addr::UNSPECIFIED, self.port)
    }
}

fn stores(env: &mut Env) -> Stores {
    Stores {
        postgres: env.required_secret("POSTGRES_DSN", "postgres://nexus:password@postgres:5432/nexus"),
        postgres_direct: env.optional_secret("POSTGRES_DIRECT_DSN"),
        redis: env.required_secret("REDIS_URL", "redis://:password@redis:6379"),
    }
}

fn token(env: &mut Env, name: &str) -> SecretString {
    const EXAMPLE: &str = "<the output of: openssl rand -hex 32>";
    let token = env.required_secret(name, EXAMPLE);
    if (1..SHORTEST_TOKEN).contains(&token.expose_secret().chars().count()) {
        env.refuse(name, &format!("must have at least {SHORTEST_TOKEN} characters"), EXAMPLE);
    }
    token
}

fn credentials_key(env: &mut Env) -> SecretString {
    const EXAMPLE: &str = "<the output of: openssl rand -base64 32>";
    let key = env.required_secret("CREDENTIALS_KEY", EXAMPLE);
    if !key.expose_secret().is_empty() && Vault::from_base64(&key).is_err() {
        env.refuse("CREDENTIALS_KEY", "must be 32 bytes in base64", EXAMPLE);
    }
    key
}

fn previous_credentials_key(env: &mut Env) -> Option<SecretString> {
    let key = env.optional_secret("CREDENTIALS_KEY_PREVIOUS")?;
    if Vault::from_base64(&key).is_err() {
        env.refuse("CREDENTIALS_KEY_PREVIOUS", "must be 32 bytes in base64", "<the key before this one>");
    }
    Some(key)
}

fn model(env: &mut Env, targets: Targets) -> ModelSettings {
    let base_url = env.optional("OPENAI_BASE_URL").unwrap_or_else(|| "https://api.openai.com/v1".to_owned());
    if !is_web_address(&base_url) {
        env.refuse("OPENAI_BASE_URL", "must start with http:// or https://", "https://api.openai.com/v1");
    }
    ModelSettings {
        api_key: env.optional_secret("OPENAI_API_KEY"),
        base_url: base_url.trim_end_matches('/').to_owned(),
        default_model: env.optional("OPENAI_MODEL").unwrap_or_else(|| "gpt-4.1-mini".to_owned()),
        timeout: env.seconds("MODEL_TIMEOUT_SECONDS", 45.0, 300.0),
        targets,
    }
}

fn turns(env: &mut Env) -> TurnSettings {
    let settings = TurnSettings {
        workers: env.parsed("TURN_WORKERS", 64, "64"),
        lease: env.seconds("TURN_LEASE_SECONDS", 60.0, 600.0),
        burst_window: env.seconds("WHATSAPP_DEBOUNCE_SECONDS", 6.0, 60.0),
    };
    if !(1..=1024).contains(&settings.workers) {
        env.refuse("TURN_WORKERS", "must lie between 1 and 1024", "64");
    }
    // It is renewed at a third, and a renewal takes a round trip to a database that may be busy.
    if settings.lease < Duration::from_secs(3) {
        env.refuse("TURN_LEASE_SECONDS", "must be at least 3", "60");
    }
    settings
}

fn retry_scale(env: &mut Env) -> f64 {
    let scale: f64 = env.parsed("JOB_RETRY_SCALE", 1.0, "1.0");
    if !(scale > 0.0 && scale <= 1.0) {
        env.refuse("JOB_RETRY_SCALE", "must be above 0 and at most 1", "1.0");
        return 1.0;
    }
    scale
}

fn frontend_dir(env: &mut Env) -> Option<PathBuf> {
    let dir = env.optional("FRONTEND_DIR").map(PathBuf::from)?;
    if !dir.join("index.html").is_file() {
        env.refuse("FRONTEND_DIR", "has no index.html in it", "/app/frontend");
    }
    Some(dir)
}

fn cors_allowed_origins(env: &mut Env) -> Vec<String> {
    let listed = env.optional("CORS_ALLOWED_ORIGINS").unwrap_or_default();
    let origins: Vec<String> = listed
        .split(',')
        .map(|origin| origin.trim().trim_end_matches('/').to_owned())
        .filter(|origin| !origin.is_empty())
        .collect();
    if !origins.iter().all(|origin| is_web_address(origin) && origin.parse::<axum::http::HeaderValue>().is_ok()) {
        env.refuse(
            "CORS_ALLOWED_ORIGINS",
            "must list origins with their scheme, separated by commas",
            "https://admin.example.com",
        );
    }
    origins
}

fn is_web_address(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [(&str, &str); 5] = [
        ("POSTGRES_DSN", "postgres://nexus:secret-dsn@localhost/nexus"),
        ("REDIS_URL", "redis://localhost"),
        ("INTERNAL_API_TOKEN", "0123456789abcdef"),
        ("ADMIN_TOKEN", "0123456789abcdef"),
        ("CREDENTIALS_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    ];

    fn with(more: &[(&str, &str)]) -> Result<Config, EnvErrors> {
        Config::read(Env::from_pairs(GOOD.iter().chain(more).copied()))
    }

    #[test]
    fn the_least_that_starts_has_sensible_defaults() {
        let config = with(&[("OPENAI_BASE_URL", "http://localhost:11434/v1/")]).unwrap();
        assert_eq!(config.port, 8000);
        assert_eq!(config.model.base_url, "http://localhost:11434/v1");
        assert!(config.mail.is_none());
    }

    #[test]
    fn one_start_reports_every_mistake_without_values() {
        let mistakes = [
            ("POSTGRES_DSN", ""),
            ("ADMIN_TOKEN", "short-value"),
            ("CREDENTIALS_KEY", "c2hvcnQ="),
            ("CREDENTIALS_KEY_PREVIOUS", "c2hvcnQxMjM="),
            ("YCLOUD_API_URL", "ycloud.example"),
            ("GOOGLE_API_URL", "google.example"),
            ("GOOGLE_TOKEN_URL", "token.example"),
            ("WEBHOOK_BASE_URL", "edge.example"),
            ("ALLOW_PRIVATE_TARGETS", "perhaps"),
            ("PORT", "eighty"),
            ("TURN_LEASE_SECONDS", "1"),
            ("TURN_WORKERS", "0"),
            ("SMTP_SECURITY", "maybe"),
            ("SMTP_FROM", "not-an-address"),
            ("JOB_RETRY_SCALE", "0"),
            ("CORS_ALLOWED_ORIGINS", "ftp://hunter2.example"),
            ("TRUSTED_PROXY_ADDRESSES", "hunter2"),
            ("TRUSTED_EMAIL_HEADER", "no header"),
            ("BOT_PHONE_NUMBER", "hunter2"),
            ("OIDC_ISSUER_URL", "hunter2"),
            ("OIDC_SCOPES", "hunter2"),
        ];
        let mail = [("SMTP_HOST", "mail.example.com")];
        let report = with(&[&mail[..], &mistakes[..]].concat()).unwrap_err().to_string();
        for (name, value) in mistakes {
            assert!(report.contains(name), "{name} is missing in {report}");
            assert!(value.len() < 5 || !report.contains(value), "{name} shows its value");
        }
    }

    #[test]
    fn every_origin_at_once_is_refused_because_requests_carry_cookies() {
        assert!(with(&[("CORS_ALLOWED_ORIGINS", "*")]).unwrap_err().to_string().contains("CORS_ALLOWED_ORIGINS"));
        assert!(with(&[("CORS_ALLOWED_ORIGINS", "https://a.example, *")]).is_err());
    }

    #[test]
    fn a_header_that_vouches_for_people_needs_to_know_who_may_send_it() {
        let header = ("TRUSTED_EMAIL_HEADER", "X-Forwarded-Email");
        assert!(with(&[header]).unwrap_err().to_string().contains("TRUSTED_PROXY_ADDRESSES"));
        let config = with(&[header, ("TRUSTED_PROXY_ADDRESSES", "10.0.0.0/8, ::1")]).unwrap();
        assert_eq!(config.access.email_header.unwrap().as_str(), "x-forwarded-email");
    }

    #[test]
    fn a_password_never_leaves_in_clear() {
        let open = [
            ("SMTP_HOST", "mail.example.com"),
            ("SMTP_SECURITY", "none"),
            ("SMTP_FROM", "a@example.com"),
            ("SMTP_USER", "a"),
            ("SMTP_PASS", "b"),
        ];
        assert!(with(&open).unwrap_err().to_string().contains("SMTP_SECURITY"));
        let local = open.map(|(name, value)| if name == "SMTP_HOST" { (name, "127.0.0.1") } else { (name, value) });
        assert!(with(&local).unwrap().mail.is_some());
    }
}
