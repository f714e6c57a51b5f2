//! Reads and writes integrations within a tenant's transaction.

use nexus_core::tenancy::TenantTx;
use nexus_core::vault::{Vault, VaultError};
use secrecy::SecretString;
use serde_json::Value;
use uuid::Uuid;

use super::{IntegrationKind, IntegrationState};

/// One outside system, opened for use.
#[derive(Debug)]
pub struct Integration {
    /// What is not secret.
    pub settings: Value,
    /// The key, token, password or credential file.
    pub secret: Option<SecretString>,
    /// How it was when last seen.
    pub state: IntegrationState,
}

/// Why an integration cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum IntegrationError {
    /// The secret was sealed with another key.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database refused or did not answer.
    #[error("the database did not answer")]
    Database(#[from] sqlx::Error),
}

/// The integration with its secret; `None` when the business has none of the kind.
pub async fn open(tx: &mut TenantTx, vault: &Vault, kind: IntegrationKind) -> Result<Option<Integration>, IntegrationError> {
    let tenant = tx.tenant();
    let found: Option<(Value, IntegrationState, Option<Vec<u8>>)> = sqlx::query_as(
        "SELECT i.settings, i.state, c.sealed
         FROM integrations i
         LEFT JOIN credentials c ON c.tenant_id = i.tenant_id AND c.channel_id IS NULL AND c.kind = $3
         WHERE i.tenant_id = $1 AND i.kind = $2",
    )
    .bind(tenant)
    .bind(kind)
    .bind(kind.credential())
    .fetch_optional(&mut **tx)
    .await?;
    let Some((settings, state, sealed)) = found else { return Ok(None) };
    let secret = sealed.map(|sealed| vault.open(tenant, kind.credential(), &sealed)).transpose()?;
    Ok(Some(Integration { settings, secret, state }))
}

/// Creates or changes an integration; without a secret the stored one stays. It counts as unchecked again.
pub async fn save(
    tx: &mut TenantTx,
    vault: &Vault,
    kind: IntegrationKind,
    settings: &Value,
    secret: Option<&SecretString>,
) -> Result<(), IntegrationError> {
    let tenant = tx.tenant();
    sqlx::query(
        "INSERT INTO integrations AS i (tenant_id, kind, settings) VALUES ($1, $2, $3)
         ON CONFLICT (tenant_id, kind) DO UPDATE
         SET settings = excluded.settings, state = 'unchecked', state_detail = '', revision = i.revision + 1, updated_at = now()",
    )
    .bind(tenant)
    .bind(kind)
    .bind(settings)
    .execute(&mut **tx)
    .await?;
    let Some(secret) = secret else { return Ok(()) };
    let sealed = vault.seal(tenant, kind.credential(), secret)?;
    sqlx::query(
        "INSERT INTO credentials (tenant_id, id, kind, sealed, key_id, mask) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT ON CONSTRAINT credentials_kind_unique DO UPDATE
         SET sealed = excluded.sealed, key_id = excluded.key_id, mask = excluded.mask, updated_at = now()",
    )
    .bind(tenant)
    .bind(Uuid::now_v7())
    .bind(kind.credential())
    .bind(sealed.bytes)
    .bind(sealed.key_id)
    .bind(sealed.mask)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Notes how the outside system was found. The detail is shown to administrators and must hold nothing secret.
pub async fn report(tx: &mut TenantTx, kind: IntegrationKind, state: IntegrationState, detail: &str) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE integrations SET state = $3, state_detail = $4, checked_at = now(),
                worked_at = CASE WHEN $3 = 'working' THEN now() ELSE worked_at END
         WHERE tenant_id = $1 AND kind = $2",
    )
    .bind(tx.tenant())
    .bind(kind)
    .bind(state)
    .bind(detail)
    .execute(&mut **tx)
    .await
    .map(drop)
}
