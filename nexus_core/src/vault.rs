//! Seals tenant credentials with AES-256-GCM. Tenant and kind are the associated data, so a sealed value moved to
//! another row does not open. While a key is being changed, the one before it still opens; only the new one seals.

use aes_gcm::aead::{Aead, Generate, KeyInit, Nonce, Payload};
use aes_gcm::{Aes256Gcm, Key};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::ids::TenantId;

const NONCE_LENGTH: usize = 12;

/// The key that seals credentials, and the one that did before; the debug form shows nothing of either.
#[derive(Clone)]
pub struct Vault {
    current: VaultKey,
    /// `CREDENTIALS_KEY_PREVIOUS`: opens what has not been sealed anew yet.
    previous: Option<VaultKey>,
}

#[derive(Clone)]
struct VaultKey {
    cipher: Aes256Gcm,
    id: String,
}

/// A sealed value as it stands in the database.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// Nonce and ciphertext.
    pub bytes: Vec<u8>,
    /// Which key sealed it.
    pub key_id: String,
    /// The last four characters, all that may be shown.
    pub mask: String,
}

/// Why a credential cannot be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// `CREDENTIALS_KEY` is not 32 bytes in base64.
    #[error("the credentials key must be 32 bytes in base64, as made by: openssl rand -base64 32")]
    BadKey,
    /// Another key, another tenant, another kind, or damaged bytes.
    #[error("the credential does not open with this key")]
    DoesNotOpen,
}

impl Vault {
    /// Reads `CREDENTIALS_KEY`.
    pub fn from_base64(key: &SecretString) -> Result<Self, VaultError> {
        Ok(Self { current: VaultKey::from_base64(key)?, previous: None })
    }

    /// Adds `CREDENTIALS_KEY_PREVIOUS`, which opens and never seals.
    pub fn with_previous(self, key: &SecretString) -> Result<Self, VaultError> {
        Ok(Self { previous: Some(VaultKey::from_base64(key)?), ..self })
    }

    /// Which key seals now; it stands beside every sealed value.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.current.id
    }

    /// Seals one value for one tenant and kind.
    pub fn seal(&self, tenant: TenantId, kind: &str, value: &SecretString) -> Result<Sealed, VaultError> {
        let nonce = Nonce::<Aes256Gcm>::generate();
        let message = Payload { msg: value.expose_secret().as_bytes(), aad: &associated_data(tenant, kind) };
        let ciphertext = self.current.cipher.encrypt(&nonce, message).map_err(|_| VaultError::DoesNotOpen)?;
        let bytes = [nonce.as_slice(), &ciphertext].concat();
        Ok(Sealed { bytes, key_id: self.current.id.clone(), mask: mask(value.expose_secret()) })
    }

    /// Opens what [`Vault::seal`] made for the same tenant and kind, with the current key or the one before.
    pub fn open(&self, tenant: TenantId, kind: &str, sealed: &[u8]) -> Result<SecretString, VaultError> {
        let opened = self.current.open(tenant, kind, sealed);
        match (opened, &self.previous) {
            (Err(VaultError::DoesNotOpen), Some(previous)) => previous.open(tenant, kind, sealed),
            (opened, _) => opened,
        }
    }

    /// Seals a value anew that the previous key had sealed; `None` when the current key opens it already.
    pub fn reseal(&self, tenant: TenantId, kind: &str, sealed: &[u8]) -> Result<Option<Sealed>, VaultError> {
        if self.current.open(tenant, kind, sealed).is_ok() {
            return Ok(None);
        }
        let value = self.open(tenant, kind, sealed)?;
        self.seal(tenant, kind, &value).map(Some)
    }
}

impl VaultKey {
    fn from_base64(key: &SecretString) -> Result<Self, VaultError> {
        let bytes = STANDARD.decode(key.expose_secret().trim()).map_err(|_| VaultError::BadKey)?;
        let key = Key::<Aes256Gcm>::try_from(bytes.as_slice()).map_err(|_| VaultError::BadKey)?;
        Ok(Self { cipher: Aes256Gcm::new(&key), id: hex::encode(&Sha256::digest(&bytes)[..6]) })
    }

    fn open(&self, tenant: TenantId, kind: &str, sealed: &[u8]) -> Result<SecretString, VaultError> {
        let (nonce, ciphertext) = sealed.split_at_checked(NONCE_LENGTH).ok_or(VaultError::DoesNotOpen)?;
        let nonce = Nonce::<Aes256Gcm>::try_from(nonce).map_err(|_| VaultError::DoesNotOpen)?;
        let message = Payload { msg: ciphertext, aad: &associated_data(tenant, kind) };
        let opened = self.cipher.decrypt(&nonce, message).map_err(|_| VaultError::DoesNotOpen)?;
        String::from_utf8(opened).map(SecretString::from).map_err(|_| VaultError::DoesNotOpen)
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").field("key_id", &self.current.id).finish_non_exhaustive()
    }
}

fn associated_data(tenant: TenantId, kind: &str) -> Vec<u8> {
    [tenant.0.as_bytes().as_slice(), kind.as_bytes()].concat()
}

/// Short values show nothing: four characters of a six-character password would be most of it.
fn mask(value: &str) -> String {
    let tail: String = value.chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
    if value.chars().count() < 12 { "••••".to_owned() } else { format!("••••{tail}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(byte: u8) -> Vault {
        Vault::from_base64(&SecretString::from(STANDARD.encode([byte; 32]))).unwrap()
    }

    #[test]
    fn opens_only_for_its_tenant_kind_and_key() {
        let (tenant, other) = (TenantId::new(), TenantId::new());
        let sealed = vault(1).seal(tenant, "ycloud_api_key", &SecretString::from("sk-1234567890")).unwrap();
        assert_eq!(sealed.mask, "••••7890");
        assert_eq!(vault(1).open(tenant, "ycloud_api_key", &sealed.bytes).unwrap().expose_secret(), "sk-1234567890");
        assert!(vault(1).open(other, "ycloud_api_key", &sealed.bytes).is_err());
        assert!(vault(1).open(tenant, "smtp_password", &sealed.bytes).is_err());
        assert!(vault(2).open(tenant, "ycloud_api_key", &sealed.bytes).is_err());
        assert!(vault(1).open(tenant, "ycloud_api_key", &sealed.bytes[..5]).is_err());
    }

    #[test]
    fn while_the_key_changes_the_old_one_opens_and_the_new_one_seals() {
        let (tenant, kind, secret) = (TenantId::new(), "smtp_password", SecretString::from("hunter22hunter22"));
        let old = vault(1).seal(tenant, kind, &secret).unwrap();
        let both = vault(2).with_previous(&SecretString::from(STANDARD.encode([1; 32]))).unwrap();
        assert_eq!(both.open(tenant, kind, &old.bytes).unwrap().expose_secret(), secret.expose_secret());
        let new = both.reseal(tenant, kind, &old.bytes).unwrap().unwrap();
        assert_eq!((new.key_id.as_str(), new.mask), (both.key_id(), old.mask));
        assert!(vault(1).open(tenant, kind, &new.bytes).is_err());
        assert_eq!(vault(2).open(tenant, kind, &new.bytes).unwrap().expose_secret(), secret.expose_secret());
        assert!(both.reseal(tenant, kind, &new.bytes).unwrap().is_none(), "it is sealed with the current key");
        assert!(vault(2).reseal(tenant, kind, &old.bytes).is_err(), "nobody has the old key any more");
    }

    #[test]
    fn a_key_of_the_wrong_length_is_refused() {
        for key in ["", "short", &STANDARD.encode([0; 16])] {
            assert!(Vault::from_base64(&SecretString::from(key)).is_err());
        }
    }
}
