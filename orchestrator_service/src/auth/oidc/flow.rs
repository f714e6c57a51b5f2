//! What one sign-in has to remember between leaving for the provider and coming back. It travels in a cookie, sealed:
//! no row is written for somebody who is not known yet.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use nexus_core::ids::TenantId;
use nexus_core::vault::Vault;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::Refusal;

const SEALED_KIND: &str = "oidc_flow";
/// How long somebody may take at the provider.
pub const LASTS: TimeDelta = TimeDelta::minutes(10);

/// A sign-in that has begun.
#[derive(Serialize, Deserialize)]
pub struct Flow {
    /// Comes back in the address.
    pub(super) state: String,
    /// Comes back in the token.
    pub(super) nonce: String,
    /// Proves that we are who has begun (PKCE).
    pub(super) verifier: String,
    /// Where to go afterwards: a path of ours.
    pub return_to: String,
    pub(super) begun_at: DateTime<Utc>,
}

impl Flow {
    /// For the cookie.
    pub fn seal(&self, vault: &Vault) -> Result<SecretString, Refusal> {
        let text = serde_json::to_string(self).map_err(|_| Refusal::Failed)?;
        let sealed = vault.seal(nobody(), SEALED_KIND, &SecretString::from(text)).map_err(|_| Refusal::Failed)?;
        Ok(SecretString::from(URL_SAFE_NO_PAD.encode(sealed.bytes)))
    }

    /// Out of the cookie, when it belongs to the sign-in that comes back with `state`.
    pub fn open(vault: &Vault, cookie: &str, state: &str, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let bytes = URL_SAFE_NO_PAD.decode(cookie).map_err(|_| Refusal::Expired)?;
        let text = vault.open(nobody(), SEALED_KIND, &bytes).map_err(|_| Refusal::Expired)?;
        let flow: Self = serde_json::from_str(text.expose_secret()).map_err(|_| Refusal::Expired)?;
        let is_its_own = bool::from(flow.state.as_bytes().ct_eq(state.as_bytes()));
        if is_its_own && now - flow.begun_at < LASTS { Ok(flow) } else { Err(Refusal::Expired) }
    }
}

/// Whoever signs in belongs to no business yet.
fn nobody() -> TenantId {
    TenantId(Uuid::nil())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_browser_that_began_comes_back_and_only_in_time() {
        let key = base64::engine::general_purpose::STANDARD.encode([1; 32]);
        let vault = Vault::from_base64(&SecretString::from(key)).unwrap();
        let now = Utc::now();
        let text = || "x".to_owned();
        let flow = Flow { state: "right".into(), nonce: text(), verifier: text(), return_to: text(), begun_at: now };
        let cookie = flow.seal(&vault).unwrap();
        let open = |cookie: &str, state: &str, later| Flow::open(&vault, cookie, state, now + later).err();
        let at_once = TimeDelta::zero();
        assert_eq!(open(cookie.expose_secret(), "right", at_once), None);
        assert_eq!(open(cookie.expose_secret(), "wrong", at_once), Some(Refusal::Expired));
        assert_eq!(open(cookie.expose_secret(), "right", LASTS), Some(Refusal::Expired));
        assert_eq!(open("AAAA", "right", at_once), Some(Refusal::Expired));
    }
}
