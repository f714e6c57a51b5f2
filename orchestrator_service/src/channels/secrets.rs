//! The sealed secrets of a channel: the provider's key, and the secret of its webhook with the one before.

use nexus_core::ids::ChannelId;
use nexus_core::provider::Provider;
use nexus_core::tenancy::TenantTx;
use nexus_core::vault::{Vault, VaultError};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

/// Under which name a secret is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    /// The provider's key.
    ApiKey,
    /// Signs the events.
    WebhookSecret,
    /// Signed them before; events on their way may still carry it.
    PreviousWebhookSecret,
}

impl SecretKind {
    /// As it stands in the database.
    #[must_use]
    pub fn of(self, provider: Provider) -> String {
        let kind = match self {
            Self::ApiKey => "api_key",
            Self::WebhookSecret => "webhook_secret",
            Self::PreviousWebhookSecret => "webhook_secret_previous",
        };
        format!("{}_{kind}", provider.as_str())
    }
}

/// Whose secret, and which.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Of which channel.
    pub channel: ChannelId,
    /// Through whom the channel goes.
    pub provider: Provider,
    /// Which of its secrets.
    pub kind: SecretKind,
}

/// Why a secret cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// It was sealed with another key.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database refused or did not answer.
    #[error("the database did not answer")]
    Database(#[from] sqlx::Error),
}

/// Opens a secret; `None` when the channel has none of the kind.
pub async fn open(tx: &mut TenantTx, vault: &Vault, place: Place) -> Result<Option<SecretString>, SecretError> {
    let (tenant, kind) = (tx.tenant(), place.kind.of(place.provider));
    let sealed: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT sealed FROM credentials WHERE tenant_id = $1 AND channel_id = $2 AND kind = $3")
            .bind(tenant)
            .bind(place.channel)
            .bind(&kind)
            .fetch_optional(&mut **tx)
            .await?;
    Ok(sealed.map(|sealed| vault.open(tenant, &kind, &sealed)).transpose()?)
}

/// Stores a secret unless the stored one is the same: every sealing looks different, so it would seem to have changed.
pub async fn put(tx: &mut TenantTx, vault: &Vault, place: Place, secret: &SecretString) -> Result<(), SecretError> {
    // One that no longer opens is replaced: that is how a lost key is mended.
    match open(tx, vault, place).await {
        Ok(Some(stored)) if stored.expose_secret() == secret.expose_secret() => return Ok(()),
        Ok(_) | Err(SecretError::Vault(_)) => {}
        Err(error) => return Err(error),
    }
    let (tenant, kind) = (tx.tenant(), place.kind.of(place.provider));
    let sealed = vault.seal(tenant, &kind, secret)?;
    sqlx::query(
        "INSERT INTO credentials (tenant_id, id, channel_id, kind, sealed, key_id, mask) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT ON CONSTRAINT credentials_kind_unique DO UPDATE
         SET sealed = excluded.sealed, key_id = excluded.key_id, mask = excluded.mask, updated_at = now()",
    )
    .bind(tenant)
    .bind(Uuid::now_v7())
    .bind(place.channel)
    .bind(kind)
    .bind(sealed.bytes)
    .bind(sealed.key_id)
    .bind(sealed.mask)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Puts a new webhook secret in place; the one before stays good for events that are on their way.
pub async fn rotate_webhook_secret(
    tx: &mut TenantTx,
    vault: &Vault,
    (channel, provider): (ChannelId, Provider),
    secret: &SecretString,
) -> Result<(), SecretError> {
    let place = |kind| Place { channel, provider, kind };
    let before = match open(tx, vault, place(SecretKind::WebhookSecret)).await {
        Ok(before) => before.filter(|before| before.expose_secret() != secret.expose_secret()),
        Err(SecretError::Vault(_)) => None,
        Err(error) => return Err(error),
    };
    if let Some(before) = before {
        put(tx, vault, place(SecretKind::PreviousWebhookSecret), &before).await?;
    }
    put(tx, vault, place(SecretKind::WebhookSecret), secret).await
}

/// Forgets every secret of a channel.
pub async fn forget(tx: &mut TenantTx, channel: ChannelId) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM credentials WHERE tenant_id = $1 AND channel_id = $2")
        .bind(tx.tenant())
        .bind(channel)
        .execute(&mut **tx)
        .await
        .map(drop)
}
