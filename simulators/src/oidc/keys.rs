//! RS256, the one algorithm that every provider has.

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

pub(super) struct SigningKey {
    id: &'static str,
    pair: Option<KeyPair>,
}

impl SigningKey {
    pub(super) fn generate(id: &'static str) -> Self {
        // Fails only when the machine has no randomness; tokens are then unsigned and refused.
        Self { id, pair: KeyPair::generate(KeySize::Rsa2048).ok() }
    }

    /// As it stands among the provider's keys (RFC 7517).
    pub(super) fn published(&self) -> Value {
        let Some(pair) = &self.pair else { return Value::Null };
        let public = pair.public_key();
        let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id,
            "n": number(public.modulus().big_endian_without_leading_zero()),
            "e": number(public.exponent().big_endian_without_leading_zero()),
        })
    }

    /// A signed token (RFC 7515, compact).
    pub(super) fn sign(&self, claims: &Value) -> String {
        let input = format!("{}.{}", part(&json!({ "alg": "RS256", "typ": "JWT", "kid": self.id })), part(claims));
        let mut signature = vec![0; self.pair.as_ref().map_or(0, KeyPair::public_modulus_len)];
        if let Some(pair) = &self.pair {
            // Leaves zeros behind when it fails, and the token is refused.
            let _ = pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input.as_bytes(), &mut signature);
        }
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// A token that says of itself that nobody signed it.
pub(super) fn unsigned(claims: &Value) -> String {
    format!("{}.{}.", part(&json!({ "alg": "none", "typ": "JWT" })), part(claims))
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}
