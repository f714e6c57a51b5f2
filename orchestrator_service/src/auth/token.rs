//! Tokens that open a door: made of 32 random bytes, shown once, stored as their SHA-256. No slow hash: nobody guesses
//! 256 bits.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::Rng as _;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

/// A token that was just made.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What its bearer gets.
    pub text: SecretString,
    /// What is stored.
    pub hash: Vec<u8>,
}

impl NewToken {
    /// Makes one; the prefix tells people and secret scanners what it is.
    #[must_use]
    pub fn mint(prefix: &str) -> Self {
        let random = URL_SAFE_NO_PAD.encode(rand::rng().random::<[u8; 32]>());
        let text = SecretString::from(format!("{prefix}{random}"));
        Self { hash: hash(text.expose_secret()), text }
    }
}

/// What is stored of a token, or of anything else that is only ever compared.
#[must_use]
pub fn hash(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_are_the_same_and_the_debug_form_shows_nothing() {
        let (one, two) = (NewToken::mint("nx_"), NewToken::mint("nx_"));
        assert_ne!(one.hash, two.hash);
        assert_eq!(one.hash, hash(one.text.expose_secret()));
        assert!(one.text.expose_secret().len() > 40);
        assert!(!format!("{one:?}").contains(one.text.expose_secret()));
    }
}
