//! `OIDC_…`: an identity provider that signs people in (Pocket ID, Keycloak, Google, …).

use nexus_core::env::Env;
use secrecy::{ExposeSecret as _, SecretString};

use super::is_web_address;

const DEFAULT_SCOPES: &str = "openid email profile";
const DEFAULT_LABEL: &str = "Single sign-on";

/// An identity provider.
#[derive(Clone, Debug)]
pub struct OidcSettings {
    /// `OIDC_ISSUER_URL`, letter by letter as the issuer writes it into its tokens.
    pub issuer_url: String,
    /// `OIDC_CLIENT_ID`: what we are called there.
    pub client_id: String,
    /// `OIDC_CLIENT_SECRET`; a public client has none.
    pub client_secret: Option<SecretString>,
    /// `OIDC_SCOPES`.
    pub scopes: Vec<String>,
    /// `OIDC_BUTTON_LABEL`: what the button of the sign-in page says.
    pub button_label: String,
}

/// Reads them; without `OIDC_ISSUER_URL` nobody is signed in that way.
pub(super) fn read(env: &mut Env, platform_url: Option<&str>) -> Option<OidcSettings> {
    let issuer_url = env.optional("OIDC_ISSUER_URL");
    let client_id = env.optional("OIDC_CLIENT_ID");
    let client_secret = env.optional_secret("OIDC_CLIENT_SECRET").filter(|secret| !secret.expose_secret().is_empty());
    let scopes = env.optional("OIDC_SCOPES").unwrap_or_else(|| DEFAULT_SCOPES.to_owned());
    let button_label = env.optional("OIDC_BUTTON_LABEL").unwrap_or_else(|| DEFAULT_LABEL.to_owned());
    let issuer_url = issuer_url?;
    if !is_web_address(&issuer_url) {
        env.refuse("OIDC_ISSUER_URL", "must start with https:// (or http:// on this machine)", "https://id.example.com");
    }
    if client_id.is_none() {
        env.refuse("OIDC_CLIENT_ID", "must be set when OIDC_ISSUER_URL is", "nexus");
    }
    if platform_url.is_none() {
        env.refuse(
            "PLATFORM_URL",
            "must be set when OIDC_ISSUER_URL is: the issuer sends people back there",
            "https://nexus.example.com",
        );
    }
    let scopes: Vec<String> = scopes.split_whitespace().map(str::to_owned).collect();
    if !scopes.iter().any(|scope| scope == "openid") {
        env.refuse("OIDC_SCOPES", "must contain openid", DEFAULT_SCOPES);
    }
    Some(OidcSettings { issuer_url, client_id: client_id.unwrap_or_default(), client_secret, scopes, button_label })
}
