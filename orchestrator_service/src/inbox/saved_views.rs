//! Lists that somebody has named for themselves.

use nexus_core::tenancy::TenantTx;
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::InboxError;
use super::conversations::filter::ListFilter;

const MOST: i64 = 50;

/// What a view is.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedViewFields {
    /// Unique among one's own, whatever the case; at most 60 characters.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S")]
    pub name: String,
    /// What it shows.
    pub filter: ListFilter,
}

/// One view.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct SavedView {
    /// Which.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// What it shows.
    #[schema(value_type = ListFilter)]
    pub filter: Json<ListFilter>,
    /// Raised by every change.
    pub revision: i64,
}

fn checked_name(fields: &SavedViewFields) -> Result<&str, InboxError> {
    let name = fields.name.trim();
    if (1..=60).contains(&name.chars().count()) { Ok(name) } else { Err(InboxError::Invalid("name", "1 to 60 characters")) }
}

/// Somebody's views, by name.
pub async fn list(tx: &mut TenantTx, user: Uuid) -> Result<Vec<SavedView>, InboxError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as(
        "SELECT id, name, filter, revision FROM saved_views WHERE tenant_id = $1 AND user_id = $2 ORDER BY lower(name) LIMIT $3",
    )
    .bind(tenant)
    .bind(user)
    .bind(MOST)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows)
}

/// One of somebody's own, locked for a change.
pub async fn lock(tx: &mut TenantTx, user: Uuid, view: Uuid) -> Result<SavedView, InboxError> {
    let tenant = tx.tenant();
    let found = sqlx::query_as(
        "SELECT id, name, filter, revision FROM saved_views WHERE tenant_id = $1 AND id = $2 AND user_id = $3 FOR UPDATE",
    )
    .bind(tenant)
    .bind(view)
    .bind(user)
    .fetch_optional(&mut **tx)
    .await?;
    found.ok_or(InboxError::NotFound("saved view"))
}

/// Makes one.
pub async fn create(tx: &mut TenantTx, user: Uuid, fields: &SavedViewFields) -> Result<SavedView, InboxError> {
    let name = checked_name(fields)?;
    fields.filter.check(tx).await?;
    if i64::try_from(list(tx, user).await?.len()).unwrap_or(MOST) >= MOST {
        return Err(InboxError::WrongState("50 views are enough; delete one first"));
    }
    let tenant = tx.tenant();
    let view = sqlx::query_as(
        "INSERT INTO saved_views (tenant_id, id, user_id, name, filter) VALUES ($1, $2, $3, $4, $5)
         RETURNING id, name, filter, revision",
    )
    .bind(tenant)
    .bind(Uuid::now_v7())
    .bind(user)
    .bind(name)
    .bind(Json(&fields.filter))
    .fetch_one(&mut **tx)
    .await?;
    Ok(view)
}

/// Changes one. The caller holds its lock.
pub async fn update(tx: &mut TenantTx, view: Uuid, fields: &SavedViewFields) -> Result<SavedView, InboxError> {
    fields.filter.check(tx).await?;
    let tenant = tx.tenant();
    let view = sqlx::query_as(
        "UPDATE saved_views SET name = $3, filter = $4, revision = revision + 1 WHERE tenant_id = $1 AND id = $2
         RETURNING id, name, filter, revision",
    )
    .bind(tenant)
    .bind(view)
    .bind(checked_name(fields)?)
    .bind(Json(&fields.filter))
    .fetch_one(&mut **tx)
    .await?;
    Ok(view)
}

/// Deletes one. The caller holds its lock.
pub async fn delete(tx: &mut TenantTx, view: Uuid) -> Result<(), InboxError> {
    let tenant = tx.tenant();
    sqlx::query("DELETE FROM saved_views WHERE tenant_id = $1 AND id = $2").bind(tenant).bind(view).execute(&mut **tx).await?;
    Ok(())
}
