//! What the two services are told through their environment. Nothing is inherited from ours.

use super::{
    builder::{DEFAULT_BUSINESS, Overrides},
    simulators::Simulators,
};
use crate::{secrets::Secrets, service::EnvMap};

/// Addresses and secrets that both environments are made of.
pub(super) struct Facts<'a> {
    pub(super) postgres_dsn: &'a str,
    pub(super) redis_url: &'a str,
    pub(super) secrets: &'a Secrets,
    pub(super) simulators: &'a Simulators,
    pub(super) media_dir: String,
    pub(super) brain_url: String,
}

impl Facts<'_> {
    /// Everything the edge knows, but `PORT`.
    pub(super) fn edge(&self, overrides: &Overrides) -> EnvMap {
        let mut env = self.both();
        set(
            &mut env,
            &[
                ("YCLOUD_API_KEY", &self.secrets.ycloud_api_key),
                ("YCLOUD_WEBHOOK_SECRET", &self.secrets.webhook_secret),
                ("YCLOUD_API_URL", &format!("{}/ycloud/v2", self.simulators.http)),
                ("ORCHESTRATOR_SERVICE_URL", &self.brain_url),
                ("WHATSAPP_BUBBLE_DELAY_SECONDS", "0.05"),
            ],
        );
        apply(env, overrides)
    }

    /// Everything the brain knows, but `PORT`.
    pub(super) fn brain(&self, overrides: &Overrides) -> EnvMap {
        let mut env = self.both();
        set(
            &mut env,
            &[
                ("OPENAI_API_KEY", &self.secrets.openai_api_key),
                ("OPENAI_BASE_URL", &format!("{}/openai/v1", self.simulators.http)),
                ("OPENAI_MODEL", "gpt-4o-mini"),
                ("ADMIN_TOKEN", &self.secrets.admin_token),
                // The outside world of a stack is on this machine.
                ("ALLOW_PRIVATE_TARGETS", "true"),
                ("YCLOUD_API_KEY", &self.secrets.ycloud_api_key),
                ("YCLOUD_API_URL", &format!("{}/ycloud/v2", self.simulators.http)),
                ("PLATFORM_URL", &self.brain_url),
                ("SMTP_HOST", &self.simulators.smtp_host),
                ("SMTP_PORT", &self.simulators.smtp_port.to_string()),
                ("SMTP_SECURITY", "none"),
                ("SMTP_FROM", "nexus@nexus.example"),
                ("OIDC_ISSUER_URL", &format!("{}/oidc", self.simulators.http)),
                ("OIDC_CLIENT_ID", "nexus"),
                ("OIDC_BUTTON_LABEL", "Sonrisas ID"),
            ],
        );
        default_tenant(&mut env);
        apply(env, overrides)
    }

    fn both(&self) -> EnvMap {
        let mut env = EnvMap::new();
        let filter = std::env::var("RUST_LOG").unwrap_or_else(|_| "info,sqlx=warn".into());
        set(
            &mut env,
            &[
                ("POSTGRES_DSN", self.postgres_dsn),
                ("REDIS_URL", self.redis_url),
                ("INTERNAL_API_TOKEN", &self.secrets.internal_token),
                ("CREDENTIALS_KEY", &self.secrets.credentials_key),
                ("MEDIA_STORE_URL", &format!("file://{}", self.media_dir)),
                ("RUST_LOG", &filter),
                ("LOG_FORMAT", "text"),
                // Tests write a burst within milliseconds and should not wait for seconds.
                ("WHATSAPP_DEBOUNCE_SECONDS", "0.3"),
            ],
        );
        env
    }
}

/// The tenant that the brain creates on an empty database, unless overrides say otherwise.
fn default_tenant(env: &mut EnvMap) {
    set(
        env,
        &[
            ("STORE_NAME", DEFAULT_BUSINESS.name),
            ("BOT_PHONE_NUMBER", DEFAULT_BUSINESS.phone_number),
            ("STORE_LOCATION", "Av. Corrientes 1234, Buenos Aires, Argentina"),
            ("STORE_WEBSITE", "https://sonrisas.example"),
            ("STORE_DESCRIPTION", "Clínica odontológica"),
            ("HANDOFF_EMAIL", "recepcion@sonrisas.example"),
        ],
    );
}

/// The default tenant's number and name, which the simulated account must know before the brain starts.
pub(super) fn default_business(overrides: &Overrides) -> (String, String) {
    let mut env = EnvMap::new();
    default_tenant(&mut env);
    let mut env = apply(env, overrides);
    let mut take = |name: &str| env.remove(name).unwrap_or_default();
    (take("BOT_PHONE_NUMBER"), take("STORE_NAME"))
}

fn set(env: &mut EnvMap, variables: &[(&str, &str)]) {
    env.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
}

fn apply(mut env: EnvMap, overrides: &Overrides) -> EnvMap {
    for (name, value) in overrides {
        match value {
            Some(value) => env.insert(name.clone(), value.clone()),
            None => env.remove(name),
        };
    }
    env
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_knows_the_overridden_default_tenant() {
        let overrides =
            vec![("BOT_PHONE_NUMBER".to_owned(), Some("+5491100000000".to_owned())), ("STORE_WEBSITE".to_owned(), None)];
        let (phone, name) = default_business(&overrides);
        assert_eq!((phone.as_str(), name.as_str()), ("+5491100000000", DEFAULT_BUSINESS.name));
    }
}
