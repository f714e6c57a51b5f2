//! Reads and writes integrations within a tenant's transaction.

use chrono::{DateTime, Utc};
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
    /// Which version of it this is; no other version of this business and kind ever has the same.
    pub revision: i64,
}

/// One outside system as it may be shown: without its secret.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Stored {
    /// Which.
    pub kind: IntegrationKind,
    /// What is not secret.
    pub settings: Value,
    /// The end of the secret, if there is one.
    pub mask: Option<String>,
    /// How it was when last seen.
    pub state: IntegrationState,
    /// A finding as JSON, or plain words.
    pub state_detail: String,
    /// When it was last seen.
    pub checked_at: Option<DateTime<Utc>>,
    /// When it last worked.
    pub worked_at: Option<DateTime<Utc>>,
    /// Which version of it this is.
    pub revision: i64,
    /// When it was last edited.
    pub updated_at: DateTime<Utc>,
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
    let found: Option<(Value, IntegrationState, i64, Option<Vec<u8>>)> = sqlx::query_as(
        "SELECT i.settings, i.state, i.revision, c.sealed
         FROM integrations i
         LEFT JOIN credentials c ON c.tenant_id = i.tenant_id AND c.channel_id IS NULL AND c.kind = $3
         WHERE i.tenant_id = $1 AND i.kind = $2",
    )
    .bind(tenant)
    .bind(kind)
    .bind(kind.credential())
    .fetch_optional(&mut **tx)
    .await?;
    let Some((settings, state, revision, sealed)) = found else { return Ok(None) };
    let secret = sealed.map(|sealed| vault.open(tenant, kind.credential(), &sealed)).transpose()?;
    Ok(Some(Integration { settings, secret, state, revision }))
}

/// Every integration of the tenant, or one kind of them, as they may be shown.
pub async fn find(tx: &mut TenantTx, kind: Option<IntegrationKind>) -> Result<Vec<Stored>, sqlx::Error> {
    let kinds: Vec<IntegrationKind> = kind.map_or_else(|| IntegrationKind::ALL.to_vec(), |kind| vec![kind]);
    let names: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let credentials: Vec<&str> = kinds.iter().map(|kind| kind.credential()).collect();
    sqlx::query_as(
        "SELECT i.kind, i.settings, c.mask, i.state, i.state_detail, i.checked_at, i.worked_at, i.revision, i.updated_at
         FROM unnest($2::text[], $3::text[]) AS k (kind, credential)
         JOIN integrations i ON i.tenant_id = $1 AND i.kind = k.kind
         LEFT JOIN credentials c ON c.tenant_id = i.tenant_id AND c.channel_id IS NULL AND c.kind = k.credential
         ORDER BY i.kind",
    )
    .bind(tx.tenant())
    .bind(names)
    .bind(credentials)
    .fetch_all(&mut **tx)
    .await
}

/// Forgets the secret of an integration that needs none any more.
pub async fn forget_secret(tx: &mut TenantTx, kind: IntegrationKind) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM credentials WHERE tenant_id = $1 AND channel_id IS NULL AND kind = $2")
        .bind(tx.tenant())
        .bind(kind.credential())
        .execute(&mut **tx)
        .await
        .map(drop)
}

/// Forgets an integration and its secret.
pub async fn delete(tx: &mut TenantTx, kind: IntegrationKind) -> Result<(), sqlx::Error> {
    forget_secret(tx, kind).await?;
    let tenant = tx.tenant();
    sqlx::query("DELETE FROM integrations WHERE tenant_id = $1 AND kind = $2")
        .bind(tenant)
        .bind(kind)
        .execute(&mut **tx)
        .await
        .map(drop)
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
        // A revision begins at the time, so that what is deleted and made again is no older version of itself.
        "INSERT INTO integrations AS i (tenant_id, kind, settings, revision)
         VALUES ($1, $2, $3, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
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

/// The same, unless it has been edited since: what was found is about another version then.
pub async fn report_at(
    tx: &mut TenantTx,
    kind: IntegrationKind,
    revision: i64,
    (state, detail): (IntegrationState, &str),
) -> Result<(), sqlx::Error> {
    let tenant = tx.tenant();
    let is_current: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM integrations WHERE tenant_id = $1 AND kind = $2 AND revision = $3 FOR UPDATE)",
    )
    .bind(tenant)
    .bind(kind)
    .bind(revision)
    .fetch_one(&mut **tx)
    .await?;
    if is_current { report(tx, kind, state, detail).await } else { Ok(()) }
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
