//! The secrets of one stack: random, shared by its programs, worthless outside of it.

use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use anyhow::{Context, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

/// Everything that the programs of a stack must agree on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Secrets {
    /// Signs webhooks between the simulated YCloud and the edge.
    pub webhook_secret: String,
    /// `X-Internal-Token` of both services.
    pub internal_token: String,
    /// The superadmin's API key.
    pub admin_token: String,
    /// 32 bytes in base64 that seal tenant credentials.
    pub credentials_key: String,
    /// `X-API-Key` that the simulated YCloud expects.
    pub ycloud_api_key: String,
    /// Key that the simulated OpenAI expects.
    pub openai_api_key: String,
}

impl Secrets {
    /// Fresh ones.
    pub fn generate() -> Self {
        Self {
            webhook_secret: format!("whsec_{}", token(24)),
            internal_token: token(24),
            admin_token: token(24),
            credentials_key: STANDARD.encode(rand::random::<[u8; 32]>()),
            ycloud_api_key: token(16),
            openai_api_key: format!("sk-{}", token(16)),
        }
    }

    /// Those of an earlier run, which sealed data in a kept database, or fresh ones written down for the next.
    pub fn load_or_generate(file: &Path) -> Result<Self> {
        if let Ok(text) = fs::read_to_string(file) {
            return serde_json::from_str(&text)
                .with_context(|| format!("{} is damaged; delete it together with its data", file.display()));
        }
        let secrets = Self::generate();
        write_private(file, &serde_json::to_string_pretty(&secrets)?)?;
        Ok(secrets)
    }
}

/// Random hex digits, good in URLs, headers and passwords.
pub(crate) fn token(bytes: usize) -> String {
    let mut random = vec![0; bytes];
    rand::fill(random.as_mut_slice());
    hex::encode(random)
}

/// Writes a file that only its owner can read, from its first byte on.
pub(crate) fn write_private(file: &Path, text: &str) -> Result<()> {
    fs::File::options()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(file)
        .and_then(|mut open| open.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_credentials_key_has_32_bytes_and_no_two_are_alike() {
        let (one, other) = (Secrets::generate(), Secrets::generate());
        assert_eq!(STANDARD.decode(&one.credentials_key).unwrap().len(), 32);
        assert_ne!(one.admin_token, other.admin_token);
        assert_ne!(one.webhook_secret, other.webhook_secret);
    }
}
