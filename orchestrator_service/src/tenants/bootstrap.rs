//! The default tenant of an empty database, from `STORE_…`. What a person has made is never touched.

use nexus_core::tenancy::Db;
use nexus_core::vault::Vault;

use super::apply::{ApplyError, apply};
use super::file::{AssistantSpec, ChannelSpec, TenantSpec};
use crate::config::StoreSettings;
use crate::tools::Registry;

/// Any number, as long as every replica uses the same and migrations another.
const BOOTSTRAP_LOCK: i64 = 0x4e_65_78_75_74;

/// Creates the default tenant if there is no tenant at all. Several replicas may try at once.
pub async fn bootstrap(db: &Db, vault: &Vault, tools: &Registry, store: &StoreSettings) -> Result<(), ApplyError> {
    let Some(spec) = default_tenant(store) else {
        tracing::info!("no default tenant is described: STORE_NAME and BOT_PHONE_NUMBER are not both set");
        return Ok(());
    };
    let mut lock = db.system().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(BOOTSTRAP_LOCK).execute(&mut *lock).await?;
    let is_empty: bool = sqlx::query_scalar("SELECT NOT EXISTS (SELECT FROM tenants)").fetch_one(&mut *lock).await?;
    if is_empty {
        let applied = apply(db, vault, tools, &spec).await?;
        tracing::info!(tenant_id = %applied.tenant_id, "created the default tenant from the environment");
    }
    lock.commit().await?;
    Ok(())
}

fn default_tenant(store: &StoreSettings) -> Option<TenantSpec> {
    let (name, phone) = (store.name.as_ref()?, store.phone.as_ref()?);
    Some(TenantSpec {
        name: name.clone(),
        language: "es".to_owned(),
        time_zone: "America/Argentina/Buenos_Aires".to_owned(),
        location: store.location.clone(),
        website: store.website.clone(),
        description: store.description.clone(),
        business_hours: None,
        handoff_emails: store.handoff_emails.clone(),
        burst_window_ms: None,
        burst_ceiling_ms: None,
        bubble_delay_ms: None,
        silence_window_hours: None,
        assistant: AssistantSpec::starter(name, "es"),
        channels: vec![ChannelSpec {
            provider: "ycloud".to_owned(),
            phone_number: phone.as_str().to_owned(),
            display_name: name.clone(),
            api_key: None,
            webhook_secret: None,
            previous_webhook_secret: None,
        }],
    })
}
