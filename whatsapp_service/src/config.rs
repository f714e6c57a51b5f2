//! Every setting of the edge, read from the environment in one place.

use std::time::Duration;

use nexus_core::env::{Env, EnvErrors};
use nexus_core::seam::turns::BurstDefaults;
use nexus_core::telemetry::LogFormat;
use nexus_core::vault::Vault;
use secrecy::{ExposeSecret, SecretString};

/// The settings of the edge, in the order of `.env.example`.
#[derive(Clone, Debug)]
pub struct Config {
    /// `PORT`: where the webhooks arrive.
    pub port: u16,
    /// `POSTGRES_DSN`.
    pub postgres_dsn: SecretString,
    /// `REDIS_URL`; Redis makes things fast and may be away.
    pub redis_url: SecretString,
    /// `INTERNAL_API_TOKEN`: the key to `POST /send`.
    pub internal_api_token: SecretString,
    /// `CREDENTIALS_KEY` and `CREDENTIALS_KEY_PREVIOUS`: open the tenants' sealed credentials.
    pub vault: Vault,
    /// `LOG_FORMAT`: `json` or `text`.
    pub log_format: LogFormat,
    /// `RUST_LOG`.
    pub log_filter: Option<String>,
    /// `YCLOUD_API_KEY`: for channels without a key of their own.
    pub ycloud_api_key: Option<SecretString>,
    /// `YCLOUD_WEBHOOK_SECRET`: for channels without a secret of their own.
    pub ycloud_webhook_secret: Option<SecretString>,
    /// `YCLOUD_API_URL`, without a trailing slash.
    pub ycloud_api_url: String,
    /// `ORCHESTRATOR_SERVICE_URL`: only to tell in `/ready` whether the brain is there.
    pub orchestrator_url: Option<String>,
    /// `WHATSAPP_DEBOUNCE_SECONDS`: the burst window of tenants that have not set one.
    pub burst: BurstDefaults,
    /// `WHATSAPP_BUBBLE_DELAY_SECONDS`: the pause between the bubbles of one answer.
    pub bubble_delay: Duration,
    /// `WHATSAPP_UNKNOWN_WAIT_SECONDS`: how long a status webhook may take to clear up an unknown outcome.
    pub unknown_wait: Duration,
    /// `WHATSAPP_WORKERS`: `false` for a replica that only receives, while others project and deliver.
    pub has_workers: bool,
    /// `WHATSAPP_LEASE_SECONDS`: how long a dead worker's conversation waits for another.
    pub lease: Duration,
}

impl Config {
    /// Reads everything and reports every mistake at once.
    pub fn from_env(mut env: Env) -> Result<Self, EnvErrors> {
        let key_example = "the output of: openssl rand -base64 32";
        let credentials_key = env.required_secret("CREDENTIALS_KEY", key_example);
        let vault = match Vault::from_base64(&credentials_key) {
            Ok(vault) => Some(vault),
            // A missing key has been reported already.
            Err(_) if credentials_key.expose_secret().is_empty() => None,
            Err(error) => {
                env.refuse("CREDENTIALS_KEY", &format!("is refused: {error}"), key_example);
                None
            }
        };
        let vault = with_previous_key(&mut env, vault);
        let window = env.seconds("WHATSAPP_DEBOUNCE_SECONDS", 6.0, 60.0);
        let port = env.parsed("PORT", 8002, "8002");
        let postgres_dsn = env.required_secret("POSTGRES_DSN", "postgres://nexus:password@postgres:5432/nexus");
        let redis_url = env.required_secret("REDIS_URL", "redis://:password@redis:6379/0");
        let internal_api_token = env.required_secret("INTERNAL_API_TOKEN", "the output of: openssl rand -hex 32");
        let log_format = env.parsed("LOG_FORMAT", LogFormat::Json, "json");
        let ycloud_api_url = env.optional("YCLOUD_API_URL").unwrap_or_else(|| "https://api.ycloud.com/v2".to_owned());
        if !ycloud_api_url.starts_with("http://") && !ycloud_api_url.starts_with("https://") {
            env.refuse("YCLOUD_API_URL", "must begin with https://", "https://api.ycloud.com/v2");
        }
        let bubble_delay = env.seconds("WHATSAPP_BUBBLE_DELAY_SECONDS", 1.2, 30.0);
        let unknown_wait = env.seconds("WHATSAPP_UNKNOWN_WAIT_SECONDS", 60.0, 3600.0);
        let has_workers = env.parsed("WHATSAPP_WORKERS", true, "true");
        let lease = env.seconds("WHATSAPP_LEASE_SECONDS", 10.0, 600.0);
        if lease < Duration::from_secs(1) {
            env.refuse("WHATSAPP_LEASE_SECONDS", "must be at least 1, because leases are renewed at a third", "10");
        }
        let optional = (
            env.optional("RUST_LOG"),
            env.optional_secret("YCLOUD_API_KEY"),
            env.optional_secret("YCLOUD_WEBHOOK_SECRET"),
            env.optional("ORCHESTRATOR_SERVICE_URL"),
        );
        let (log_filter, ycloud_api_key, ycloud_webhook_secret, orchestrator_url) = optional;
        let redis_text = redis_url.expose_secret();
        if !redis_text.is_empty() && redis::Client::open(redis_text).is_err() {
            env.refuse("REDIS_URL", "is not a Redis URL", "redis://:password@redis:6379/0");
        }
        env.finish()?;
        let Some(vault) = vault else { return Err(EnvErrors::one("CREDENTIALS_KEY", "is missing", key_example)) };
        Ok(Self {
            port,
            postgres_dsn,
            redis_url,
            internal_api_token,
            vault,
            log_format,
            log_filter,
            ycloud_api_key,
            ycloud_webhook_secret,
            ycloud_api_url: ycloud_api_url.trim_end_matches('/').to_owned(),
            orchestrator_url,
            burst: BurstDefaults::of_window(window),
            bubble_delay,
            unknown_wait,
            has_workers,
            lease,
        })
    }
}

/// While the key is being changed, the one before it opens what has not been sealed anew yet.
fn with_previous_key(env: &mut Env, vault: Option<Vault>) -> Option<Vault> {
    let Some(previous) = env.optional_secret("CREDENTIALS_KEY_PREVIOUS") else { return vault };
    if Vault::from_base64(&previous).is_err() {
        env.refuse("CREDENTIALS_KEY_PREVIOUS", "must be 32 bytes in base64", "<the key before this one>");
        return vault;
    }
    vault.and_then(|vault| vault.with_previous(&previous).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_environment_names_everything_that_is_missing() {
        let report = Config::from_env(Env::from_pairs(Vec::<(String, String)>::new())).unwrap_err().to_string();
        for name in ["POSTGRES_DSN", "REDIS_URL", "INTERNAL_API_TOKEN", "CREDENTIALS_KEY"] {
            assert!(report.contains(name), "{report}");
        }
    }

    #[test]
    fn a_bad_value_is_reported_without_being_repeated() {
        let pairs = [
            ("POSTGRES_DSN", "postgres://x"),
            ("REDIS_URL", "hunter2"),
            ("INTERNAL_API_TOKEN", "0123456789abcdef"),
            ("CREDENTIALS_KEY", "hunter2"),
            ("WHATSAPP_DEBOUNCE_SECONDS", "soon"),
        ];
        let report = Config::from_env(Env::from_pairs(pairs)).unwrap_err().to_string();
        assert!(
            report.contains("CREDENTIALS_KEY") && report.contains("WHATSAPP_DEBOUNCE_SECONDS") && report.contains("REDIS_URL")
        );
        assert!(!report.contains("hunter2"), "{report}");
    }
}
