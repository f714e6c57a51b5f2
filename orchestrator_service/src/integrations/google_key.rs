//! The key file of a Google service account. Only the account's address and its private key are taken from it: whoever
//! uploads it also writes its `token_uri`, and a token request signed with the key must not go there.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;

/// Google refuses assertions that are good for longer.
const LASTS_SECONDS: i64 = 3_600;
/// Clocks differ; an assertion from the future is refused.
const SKEW_SECONDS: i64 = 10;

/// A key that can sign.
pub struct GoogleKey {
    /// The account's address, with which calendars are shared.
    pub client_email: String,
    pair: RsaKeyPair,
}

/// What is wrong with a key file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyMistake {
    /// Not JSON, or not all of it.
    NotJson,
    /// The file of an OAuth client, or something else of Google's.
    OtherKind,
    /// No `client_email` that is one.
    NoEmail,
    /// The private key cannot be used.
    BadKey,
}

impl KeyMistake {
    /// What the file must be.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NotJson => "must be the whole JSON file that Google gave for the service account",
            Self::OtherKind => "must be the key file of a service account (its type is \"service_account\")",
            Self::NoEmail => "lacks the client_email of the service account",
            Self::BadKey => "has a private_key that cannot be read; download a new JSON key",
        }
    }
}

#[derive(Deserialize)]
struct KeyFile {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    client_email: String,
    #[serde(default)]
    private_key: String,
}

impl GoogleKey {
    /// Reads a key file.
    pub fn read(text: &str) -> Result<Self, KeyMistake> {
        let file: KeyFile = serde_json::from_str(text).map_err(|_| KeyMistake::NotJson)?;
        if file.kind != "service_account" {
            return Err(KeyMistake::OtherKind);
        }
        if file.client_email.parse::<lettre::Address>().is_err() {
            return Err(KeyMistake::NoEmail);
        }
        let der = der_of(&file.private_key).ok_or(KeyMistake::BadKey)?;
        let pair = RsaKeyPair::from_pkcs8(&der).map_err(|_| KeyMistake::BadKey)?;
        Ok(Self { client_email: file.client_email, pair })
    }

    /// A signed request for a token: RFC 7523, as Google documents it for service accounts.
    pub fn assertion(&self, scope: &str, audience: &str, now: DateTime<Utc>) -> Option<String> {
        let issued = now.timestamp() - SKEW_SECONDS;
        let claims = json!({
            "iss": self.client_email, "scope": scope, "aud": audience, "iat": issued, "exp": issued + LASTS_SECONDS,
        });
        let head = URL_SAFE_NO_PAD.encode(json!({"alg": "RS256", "typ": "JWT"}).to_string());
        let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).ok()?;
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// The bytes of a PEM. A key that went through a form or an environment file often has `\n` in letters.
fn der_of(pem: &str) -> Option<Vec<u8>> {
    let pem = pem.replace("\\n", "\n");
    let inner = pem.split_once("-----BEGIN PRIVATE KEY-----")?.1.split_once("-----END PRIVATE KEY-----")?.0;
    let letters: String = inner.chars().filter(|character| !character.is_whitespace()).collect();
    STANDARD.decode(letters).ok()
}
