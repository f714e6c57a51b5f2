//! Passwords: what they must be, and argon2id. Hashing takes memory and time on purpose, so few are made at once and
//! never on a thread that serves requests.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::{OnceCell, Semaphore};

use super::token::NewToken;

/// At once, in this process: each takes 19 MiB.
const MOST_AT_ONCE: usize = 4;
/// In characters.
pub const SHORTEST: usize = 10;
/// In characters; argon2 would take more, but nobody types it.
pub const LONGEST: usize = 200;

/// Hashes and verifies.
#[derive(Clone, Debug)]
pub struct Passwords {
    permits: Arc<Semaphore>,
    /// The hash of a password nobody has, so that unknown accounts take as long as known ones.
    nobodys: Arc<OnceCell<String>>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(MOST_AT_ONCE)), nobodys: Arc::default() }
    }
}

/// The hasher is gone, which happens while the process stops.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed: {0}")]
pub struct HashingFailed(String);

impl Passwords {
    /// The hash to store.
    pub async fn hash(&self, password: &SecretString) -> Result<String, HashingFailed> {
        let password = password.clone();
        self.on_blocking_pool(move || {
            let hash = Argon2::default().hash_password(password.expose_secret().as_bytes());
            hash.map(|hash| hash.to_string()).map_err(|error| HashingFailed(error.to_string()))
        })
        .await?
    }

    /// Whether this is the password. Without a hash the answer is no, after the same time.
    pub async fn verify(&self, password: &SecretString, hash: Option<String>) -> Result<bool, HashingFailed> {
        let is_known = hash.is_some();
        let hash = match hash {
            Some(hash) => hash,
            None => self.nobodys.get_or_try_init(async || self.hash(&NewToken::mint("").text).await).await?.clone(),
        };
        let password = password.clone();
        let fits = self.on_blocking_pool(move || {
            let parsed = PasswordHash::new(&hash);
            parsed.is_ok_and(|hash| Argon2::default().verify_password(password.expose_secret().as_bytes(), &hash).is_ok())
        });
        Ok(fits.await? && is_known)
    }

    async fn on_blocking_pool<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, HashingFailed> {
        let failed = |error: &dyn std::error::Error| HashingFailed(error.to_string());
        let _permit = self.permits.acquire().await.map_err(|error| failed(&error))?;
        tokio::task::spawn_blocking(work).await.map_err(|error| failed(&error))
    }
}

/// Why a password will not do, in words; `None` when it will.
#[must_use]
pub fn weakness(password: &SecretString, email: &str) -> Option<&'static str> {
    let password = password.expose_secret();
    let length = password.chars().count();
    let name = email.split('@').next().unwrap_or_default();
    if length < SHORTEST {
        return Some("must have at least 10 characters");
    }
    if length > LONGEST {
        return Some("must have at most 200 characters");
    }
    if password.eq_ignore_ascii_case(email) || password.eq_ignore_ascii_case(name) {
        return Some("must not be your e-mail");
    }
    password.chars().all(|character| password.starts_with(character)).then_some("must not be one character repeated")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_fits_and_nobody_has_none() {
        let passwords = Passwords::default();
        let right = SecretString::from("correct horse battery");
        let hash = passwords.hash(&right).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(passwords.verify(&right, Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify(&SecretString::from("wrong"), Some(hash)).await.unwrap());
        assert!(!passwords.verify(&right, None).await.unwrap());
    }

    #[test]
    fn short_and_obvious_passwords_are_refused() {
        for bad in ["short", "ana.perez@example.com", "ANA.PEREZ@example.com", "aaaaaaaaaaaa"] {
            assert!(weakness(&SecretString::from(bad), "ana.perez@example.com").is_some(), "{bad}");
        }
        assert_eq!(weakness(&SecretString::from("correct horse"), "ana@example.com"), None);
    }
}
