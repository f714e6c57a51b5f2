//! The list of businesses.

use chrono::{DateTime, Utc};
use nexus_core::ids::TenantId;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::admin::api_error::ApiError;
use crate::admin::guard::Awake;
use crate::admin::page::{Page, Paging};

/// A business.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub(in crate::admin) struct Tenant {
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
    /// Since when it is here.
    pub created_at: DateTime<Utc>,
}

/// Every business, newest first
#[utoipa::path(get, path = "/tenants", tag = "tenants", operation_id = "tenants_list", params(Paging),
    responses((status = 200, body = Page<Tenant>)))]
pub(super) async fn list(Awake(brain): Awake, paging: Paging) -> Result<axum::Json<Page<Tenant>>, ApiError> {
    let mut tx = brain.db.system().await?;
    let tenants: Vec<Tenant> = sqlx::query_as(
        "SELECT id, name, language, time_zone, suspended_at, created_at FROM tenants
         WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2",
    )
    .bind(paging.after::<Uuid>()?)
    .bind(paging.fetch())
    .fetch_all(&mut *tx)
    .await?;
    Ok(axum::Json(Page::cut(tenants, &paging, |tenant| tenant.id)))
}
