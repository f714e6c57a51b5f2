//! Connects a channel of a tenant file and seals its secrets.

use nexus_core::ids::ChannelId;
use nexus_core::tenancy::TenantTx;
use nexus_core::vault::{Vault, VaultError};
use rand::Rng as _;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::apply::ApplyError;
use super::file::ChannelSpec;

/// The path under which the edge takes the webhooks of one channel.
pub(super) fn webhook_path(provider: &str, webhook_key: &str) -> String {
    format!("/webhook/{provider}/{webhook_key}")
}

/// Creates or changes the channel. Answers its id and its webhook key, which never changes.
pub(super) async fn connect(
    tx: &mut TenantTx,
    vault: &Vault,
    spec: &ChannelSpec,
    assistant: Uuid,
) -> Result<(ChannelId, String), ApplyError> {
    let Some((provider, number)) = spec.key() else {
        return Err(ApplyError::Mistakes(vec!["a channel has no readable provider and number".to_owned()]));
    };
    let tenant = tx.tenant();
    let (channel, webhook_key): (ChannelId, String) = sqlx::query_as(
        "INSERT INTO channels (tenant_id, id, provider, phone_number, display_name, webhook_key, assistant_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT ON CONSTRAINT channels_number_unique DO UPDATE
         SET display_name = excluded.display_name, assistant_id = excluded.assistant_id
         RETURNING id, webhook_key",
    )
    .bind(tenant)
    .bind(ChannelId::new())
    .bind(provider.as_str())
    .bind(number.as_str())
    .bind(&spec.display_name)
    .bind(new_webhook_key())
    .bind(assistant)
    .fetch_one(&mut **tx)
    .await?;
    let secrets = [
        ("api_key", &spec.api_key),
        ("webhook_secret", &spec.webhook_secret),
        ("webhook_secret_previous", &spec.previous_webhook_secret),
    ];
    for (kind, secret) in secrets {
        if let Some(secret) = secret.as_ref().filter(|secret| !secret.expose_secret().is_empty()) {
            seal(tx, vault, channel, &format!("{}_{kind}", provider.as_str()), secret).await?;
        }
    }
    Ok((channel, webhook_key))
}

fn new_webhook_key() -> String {
    hex::encode(rand::rng().random::<[u8; 16]>())
}

/// Stores a secret unless the stored one is the same: every sealing looks different, so it would seem to have changed.
async fn seal(tx: &mut TenantTx, vault: &Vault, channel: ChannelId, kind: &str, secret: &SecretString) -> Result<(), ApplyError> {
    let tenant = tx.tenant();
    let stored: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT sealed FROM credentials WHERE tenant_id = $1 AND channel_id = $2 AND kind = $3")
            .bind(tenant)
            .bind(channel)
            .bind(kind)
            .fetch_optional(&mut **tx)
            .await?;
    let opened: Result<Option<SecretString>, VaultError> = stored.map(|sealed| vault.open(tenant, kind, &sealed)).transpose();
    // One that no longer opens is replaced: that is how a lost key is mended.
    if opened.is_ok_and(|opened| opened.is_some_and(|opened| opened.expose_secret() == secret.expose_secret())) {
        return Ok(());
    }
    let sealed = vault.seal(tenant, kind, secret)?;
    sqlx::query(
        "INSERT INTO credentials (tenant_id, id, channel_id, kind, sealed, key_id, mask) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT ON CONSTRAINT credentials_kind_unique DO UPDATE
         SET sealed = excluded.sealed, key_id = excluded.key_id, mask = excluded.mask, updated_at = now()",
    )
    .bind(tenant)
    .bind(Uuid::now_v7())
    .bind(channel)
    .bind(kind)
    .bind(sealed.bytes)
    .bind(sealed.key_id)
    .bind(sealed.mask)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
