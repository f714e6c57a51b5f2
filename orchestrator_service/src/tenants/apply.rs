//! Makes the database look like a tenant file. Idempotent: the tenant is found by its channels, a version of the
//! assistant is only added when it differs, and a secret that is not in the file stays.

use nexus_core::ids::{ChannelId, TenantId};
use nexus_core::tenancy::{Db, TenantTx};
use nexus_core::vault::{Vault, VaultError};
use serde::Serialize;
use serde_json::Value;

use super::assistant::publish;
use super::channel::connect;
use super::file::TenantSpec;
use crate::channels::secrets::SecretError;
use crate::channels::webhook;
use crate::tools::Registry;

/// What an applied file came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// The tenant.
    pub tenant_id: TenantId,
    /// Whether it was not there before.
    pub is_new: bool,
    /// The published version of its assistant.
    pub assistant_version: i32,
    /// Its channels, in the order of the file.
    pub channels: Vec<AppliedChannel>,
}

/// One channel of an applied file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AppliedChannel {
    /// The channel.
    pub channel_id: ChannelId,
    /// The path of its own webhook URL at the edge. Unguessable: hand it to the provider and to nobody else.
    pub webhook_path: String,
}

/// Why a file cannot be applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The file has mistakes.
    #[error("the tenant file has {} mistake(s):\n  {}", .0.len(), .0.join("\n  "))]
    Mistakes(Vec<String>),
    /// Its channels belong to different tenants.
    #[error("the channels of the file belong to different tenants: {0} and {1}")]
    SeveralTenants(TenantId, TenantId),
    /// A stored credential was sealed with another key.
    #[error("a stored credential cannot be opened; is CREDENTIALS_KEY the one it was sealed with?")]
    Vault(#[from] VaultError),
    /// The database refused or did not answer.
    #[error("could not write the tenant")]
    Database(#[from] sqlx::Error),
}

impl From<SecretError> for ApplyError {
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::Vault(error) => Self::Vault(error),
            SecretError::Database(error) => Self::Database(error),
        }
    }
}

/// Creates or changes the tenant that owns the channels of the file.
pub async fn apply(db: &Db, vault: &Vault, tools: &Registry, spec: &TenantSpec) -> Result<Applied, ApplyError> {
    let mistakes = spec.mistakes(tools);
    if !mistakes.is_empty() {
        return Err(ApplyError::Mistakes(mistakes));
    }
    let owner = owner(db, spec).await?;
    let tenant = owner.unwrap_or_else(TenantId::new);
    let mut tx = db.tenant(tenant).await?;
    write_tenant(&mut tx, spec).await?;
    let (assistant, assistant_version) = publish(&mut tx, &spec.assistant).await?;
    let mut channels = Vec::with_capacity(spec.channels.len());
    for channel in &spec.channels {
        let (channel_id, webhook_key) = connect(&mut tx, vault, channel, assistant).await?;
        channels.push(AppliedChannel { channel_id, webhook_path: webhook::path(&channel.provider, &webhook_key) });
    }
    tx.commit().await?;
    Ok(Applied { tenant_id: tenant, is_new: owner.is_none(), assistant_version, channels })
}

/// Whose channels these are already. Asked across tenants, because that is the question.
async fn owner(db: &Db, spec: &TenantSpec) -> Result<Option<TenantId>, ApplyError> {
    let keys = spec.channels.iter().filter_map(super::ChannelSpec::key);
    let (providers, numbers): (Vec<&str>, Vec<String>) =
        keys.map(|(provider, number)| (provider.as_str(), number.as_str().to_owned())).unzip();
    let mut tx = db.system().await?;
    let owners: Vec<TenantId> = sqlx::query_scalar(
        "SELECT DISTINCT c.tenant_id FROM channels c
         JOIN unnest($1::text[], $2::text[]) AS k (provider, phone_number) USING (provider, phone_number)
         WHERE c.disconnected_at IS NULL",
    )
    .bind(providers)
    .bind(numbers)
    .fetch_all(&mut *tx)
    .await?;
    match owners.as_slice() {
        [first, second, ..] => Err(ApplyError::SeveralTenants(*first, *second)),
        owners => Ok(owners.first().copied()),
    }
}

async fn write_tenant(tx: &mut TenantTx, spec: &TenantSpec) -> Result<(), sqlx::Error> {
    let tenant = tx.tenant();
    let business_hours: Option<Value> = spec.business_hours.as_ref().and_then(|hours| serde_json::to_value(hours).ok());
    sqlx::query(
        "INSERT INTO tenants (id, name, language, time_zone, location, website, description, business_hours, handoff_emails,
                              burst_window_ms, burst_ceiling_ms, bubble_delay_ms, silence_window_hours)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, coalesce($13, 24))
         ON CONFLICT (id) DO UPDATE SET
             name = excluded.name, language = excluded.language, time_zone = excluded.time_zone, location = excluded.location,
             website = excluded.website, description = excluded.description, business_hours = excluded.business_hours,
             handoff_emails = excluded.handoff_emails, burst_window_ms = excluded.burst_window_ms,
             burst_ceiling_ms = excluded.burst_ceiling_ms, bubble_delay_ms = excluded.bubble_delay_ms,
             silence_window_hours = excluded.silence_window_hours, updated_at = now()",
    )
    .bind(tenant)
    .bind(spec.name.trim())
    .bind(&spec.language)
    .bind(&spec.time_zone)
    .bind(&spec.location)
    .bind(&spec.website)
    .bind(&spec.description)
    .bind(business_hours)
    .bind(&spec.handoff_emails)
    .bind(spec.burst_window_ms)
    .bind(spec.burst_ceiling_ms)
    .bind(spec.bubble_delay_ms)
    .bind(spec.silence_window_hours)
    .execute(&mut **tx)
    .await
    .map(drop)
}
