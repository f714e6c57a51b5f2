//! Where the systems outside are, and which addresses a business may enter.

use nexus_core::env::Env;
use nexus_core::targets::Targets;
use secrecy::SecretString;

use super::is_web_address;

/// Where the systems outside are. None of it comes from a tenant.
#[derive(Clone, Debug)]
pub struct OutsideSettings {
    /// `YCLOUD_API_URL`, without a trailing slash; the edge reads the same variable.
    pub ycloud_api_url: String,
    /// `YCLOUD_API_KEY`: for channels without a key of their own; the edge reads the same variable.
    pub ycloud_api_key: Option<SecretString>,
    /// `GOOGLE_API_URL`, without a trailing slash.
    pub google_api_url: String,
    /// `GOOGLE_TOKEN_URL`: the key file of a service account names one too, and is not believed.
    pub google_token_url: String,
    /// `WEBHOOK_BASE_URL`: the edge as the providers see it. Without it a person registers the webhooks.
    pub webhook_base_url: Option<String>,
    /// `WHATSAPP_SERVICE_URL`: the edge as the brain sees it, to tell whether it is ready.
    pub edge_url: Option<String>,
    /// `ALLOW_PRIVATE_TARGETS`.
    pub targets: Targets,
}

pub(super) fn read(env: &mut Env) -> OutsideSettings {
    OutsideSettings {
        ycloud_api_url: address(env, "YCLOUD_API_URL", "https://api.ycloud.com/v2"),
        ycloud_api_key: env.optional_secret("YCLOUD_API_KEY"),
        google_api_url: address(env, "GOOGLE_API_URL", "https://www.googleapis.com"),
        google_token_url: address(env, "GOOGLE_TOKEN_URL", "https://oauth2.googleapis.com/token"),
        webhook_base_url: optional_address(env, "WEBHOOK_BASE_URL", "https://whatsapp.example.com"),
        edge_url: optional_address(env, "WHATSAPP_SERVICE_URL", "http://whatsapp_service:8002"),
        targets: Targets { allow_private: env.parsed("ALLOW_PRIVATE_TARGETS", false, "false") },
    }
}

fn address(env: &mut Env, name: &str, default: &str) -> String {
    optional_address(env, name, default).unwrap_or_else(|| default.to_owned())
}

fn optional_address(env: &mut Env, name: &str, example: &str) -> Option<String> {
    let address = env.optional(name)?;
    if !is_web_address(&address) {
        env.refuse(name, "must start with http:// or https://", example);
    }
    Some(address.trim_end_matches('/').to_owned())
}
