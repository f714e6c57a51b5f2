//! The life of a tenant: made, suspended, resumed, erased. What the API and the command line have in common; whoever
//! calls writes the change down (`admin::audit`) in the same transaction.

use chrono::{DateTime, TimeDelta, Utc};
use nexus_core::ids::TenantId;
use nexus_core::tenancy::{Db, SystemTx, TenantTx};
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::admin::audit::{self, Change};

/// How long an ordered erasure can be taken back.
pub const GRACE: TimeDelta = TimeDelta::days(7);

/// A business.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct Tenant {
    /// Which.
    #[schema(value_type = Uuid)]
    pub id: TenantId,
    /// What it is called.
    pub name: String,
    /// `es`, `pt` or `en`.
    pub language: String,
    /// An IANA name.
    pub time_zone: String,
    /// Since when it is suspended.
    pub suspended_at: Option<DateTime<Utc>>,
    /// When it will be erased, if that was ordered.
    pub erase_at: Option<DateTime<Utc>>,
    /// Since when it is here.
    pub created_at: DateTime<Utc>,
}

macro_rules! columns {
    () => {
        " id, name, language, time_zone, suspended_at, erase_at, created_at "
    };
}

/// Every tenant before an id, newest first.
pub async fn list(tx: &mut SystemTx, before: Option<Uuid>, most: i64) -> Result<Vec<Tenant>, sqlx::Error> {
    sqlx::query_as(concat!("SELECT", columns!(), "FROM tenants WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2"))
        .bind(before)
        .bind(most)
        .fetch_all(&mut **tx)
        .await
}

/// The tenant of a transaction, if there is one.
pub async fn find(tx: &mut TenantTx) -> Result<Option<Tenant>, sqlx::Error> {
    let tenant = tx.tenant();
    sqlx::query_as(concat!("SELECT", columns!(), "FROM tenants WHERE id = $1")).bind(tenant).fetch_optional(&mut **tx).await
}

/// Makes the tenant of a transaction. Absent: `es` and `America/Argentina/Buenos_Aires`.
pub async fn create(
    tx: &mut TenantTx,
    name: &str,
    language: Option<&str>,
    time_zone: Option<&str>,
) -> Result<Tenant, sqlx::Error> {
    let tenant = tx.tenant();
    sqlx::query_as(concat!(
        "INSERT INTO tenants (id, name, language, time_zone)
         VALUES ($1, $2, coalesce($3, 'es'), coalesce($4, 'America/Argentina/Buenos_Aires')) RETURNING",
        columns!()
    ))
    .bind(tenant)
    .bind(name.trim())
    .bind(language)
    .bind(time_zone)
    .fetch_one(&mut **tx)
    .await
}

/// Suspends the tenant of a transaction or lets it go on; `None` when there is none.
pub async fn set_suspended(tx: &mut TenantTx, is_suspended: bool) -> Result<Option<Tenant>, sqlx::Error> {
    let tenant = tx.tenant();
    sqlx::query_as(concat!(
        "UPDATE tenants SET suspended_at = CASE WHEN $2 THEN coalesce(suspended_at, now()) END, updated_at = now()
         WHERE id = $1 RETURNING",
        columns!()
    ))
    .bind(tenant)
    .bind(is_suspended)
    .fetch_optional(&mut **tx)
    .await
}

/// The name of a tenant that is about to be erased, locked; `None` when there is none.
pub async fn lock_name(tx: &mut SystemTx, tenant: TenantId) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT name FROM tenants WHERE id = $1 FOR UPDATE").bind(tenant).fetch_optional(&mut **tx).await
}

/// Orders the erasure: suspended from now on, erased when the days of grace are over. Ordered again, the first counts.
pub async fn order_erasure(tx: &mut SystemTx, tenant: TenantId) -> Result<Tenant, sqlx::Error> {
    sqlx::query_as(concat!(
        "UPDATE tenants SET erase_at = coalesce(erase_at, now() + $2), suspended_at = coalesce(suspended_at, now()),
                updated_at = now() WHERE id = $1 RETURNING",
        columns!()
    ))
    .bind(tenant)
    .bind(GRACE)
    .fetch_one(&mut **tx)
    .await
}

/// Takes the order back. What it suspended goes on; what was suspended before stays so.
pub async fn keep(tx: &mut TenantTx) -> Result<Option<Tenant>, sqlx::Error> {
    let tenant = tx.tenant();
    sqlx::query_as(concat!(
        "UPDATE tenants SET suspended_at = CASE WHEN suspended_at < erase_at - $2 THEN suspended_at END, erase_at = NULL,
                updated_at = now() WHERE id = $1 AND erase_at IS NOT NULL RETURNING",
        columns!()
    ))
    .bind(tenant)
    .bind(GRACE)
    .fetch_optional(&mut **tx)
    .await
}

/// Erases a tenant step by step, so that no lock is held for long. Killed halfway, the order still stands.
pub async fn erase_in_steps(db: &Db, tenant: TenantId) -> Result<(), sqlx::Error> {
    loop {
        let mut tx = db.system().await?;
        let some = "DELETE FROM chat_conversations WHERE tenant_id = $1 AND id IN (
                        SELECT id FROM chat_conversations WHERE tenant_id = $1 LIMIT 200)";
        let removed = sqlx::query(some).bind(tenant).execute(&mut *tx).await?.rows_affected();
        tx.commit().await?;
        if removed == 0 {
            break;
        }
    }
    let mut tx = db.system().await?;
    if lock_name(&mut tx, tenant).await?.is_some() {
        erase(&mut tx, tenant).await?;
        let erased = Change { action: "tenant.erased", object_kind: "tenant", object_id: Some(tenant.0) };
        audit::record_of_system(&mut tx, None, erased).await?;
    }
    tx.commit().await
}

/// Erases everything a tenant has. Irreversible.
pub async fn erase(tx: &mut SystemTx, tenant: TenantId) -> Result<(), sqlx::Error> {
    let conn: &mut PgConnection = tx;
    // These do not go by themselves with the row in `tenants`: conversations hold on to contacts, and the record stands alone.
    sqlx::query("DELETE FROM chat_conversations WHERE tenant_id = $1").bind(tenant).execute(&mut *conn).await?;
    sqlx::query("DELETE FROM system_events WHERE tenant_id = $1").bind(tenant).execute(&mut *conn).await?;
    // The record of changes may quote what is to be erased; that of the erasure itself is the installation's.
    sqlx::query("SELECT set_config('nexus.audit_retention', 'on', true)").execute(&mut *conn).await?;
    sqlx::query("DELETE FROM audit_log WHERE tenant_id = $1").bind(tenant).execute(&mut *conn).await?;
    sqlx::query("DELETE FROM tenants WHERE id = $1").bind(tenant).execute(conn).await.map(drop)
}
