//! `YCloud-Signature: t=<unix seconds>,s=<64 lowercase hex>`: HMAC-SHA256 over `t.body`, keyed with the whole secret.

use std::time::Duration;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

/// The header that carries the signature.
pub const HEADER: &str = "ycloud-signature";

/// A retry may carry the first timestamp, and the last retry comes 5 h 36 min after the first try. Replay is defeated
/// by the duplicate guard, so an old timestamp with a valid signature is a customer's message, not an attack.
pub const TOLERANCE: Duration = Duration::from_secs(6 * 3600 + 30 * 60);

/// Why a request is not authentic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// No header, or one that cannot be read.
    #[error("the signature header is missing or malformed")]
    Malformed,
    /// No configured secret made this signature.
    #[error("the signature does not match")]
    Mismatch,
    /// The signature is older, or newer, than any retry can be.
    #[error("the signature's timestamp is out of range")]
    OutOfRange,
}

/// A signature as read from the header.
#[derive(Clone, Copy, Debug)]
pub struct Signature<'a> {
    timestamp: &'a str,
    digest: [u8; 32],
}

impl<'a> Signature<'a> {
    /// Reads the header.
    pub fn parse(header: &'a str) -> Result<Self, SignatureError> {
        let (mut timestamp, mut digest) = (None, None);
        for part in header.split(',') {
            let (key, value) = part.split_once('=').ok_or(SignatureError::Malformed)?;
            match key.trim() {
                "t" if timestamp.is_none() => timestamp = Some(value.trim()),
                "s" if digest.is_none() => digest = Some(decode_lowercase_hex(value.trim())?),
                "t" | "s" => return Err(SignatureError::Malformed),
                _ => {}
            }
        }
        let timestamp = timestamp.ok_or(SignatureError::Malformed)?;
        if timestamp.is_empty() || timestamp.len() > 12 || !timestamp.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(SignatureError::Malformed);
        }
        Ok(Self { timestamp, digest: digest.ok_or(SignatureError::Malformed)? })
    }

    /// Whether one of the secrets made this signature over exactly these bytes, near enough to `now`.
    pub fn verify<'s>(
        &self,
        body: &[u8],
        secrets: impl IntoIterator<Item = &'s SecretString>,
        now: DateTime<Utc>,
    ) -> Result<(), SignatureError> {
        let mut matches = subtle::Choice::from(0);
        for secret in secrets {
            matches |= self.digest.ct_eq(&sign(secret.expose_secret(), self.timestamp, body)?);
        }
        if !bool::from(matches) {
            return Err(SignatureError::Mismatch);
        }
        let signed_at: i64 = self.timestamp.parse().map_err(|_| SignatureError::Malformed)?;
        let age = now.timestamp().abs_diff(signed_at);
        if age <= TOLERANCE.as_secs() { Ok(()) } else { Err(SignatureError::OutOfRange) }
    }
}

/// The provider sends lowercase; anything else is not the provider.
fn decode_lowercase_hex(text: &str) -> Result<[u8; 32], SignatureError> {
    let mut digest = [0; 32];
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(SignatureError::Malformed);
    }
    hex::decode_to_slice(text, &mut digest).map_err(|_| SignatureError::Malformed)?;
    Ok(digest)
}

fn sign(secret: &str, timestamp: &str, body: &[u8]) -> Result<[u8; 32], SignatureError> {
    // HMAC takes keys of any length; the error cannot happen and would mean "not authentic".
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| SignatureError::Mismatch)?;
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    Ok(mac.finalize().into_bytes().into())
}
