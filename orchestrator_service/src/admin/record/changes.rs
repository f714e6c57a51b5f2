//! Who changed what.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::admin::api_error::ApiError;
use crate::admin::guard::Awake;
use crate::admin::page::{Page, Paging};
use crate::auth::TenantCaller;

/// One change.
#[derive(Debug, Serialize, ToSchema, sqlx::FromRow)]
pub(in crate::admin) struct RecordedChange {
    /// Which.
    id: Uuid,
    /// In which business; the nil id: of the installation.
    tenant_id: Uuid,
    /// `user`, `api_token`, `admin_key` or `system`.
    actor_kind: String,
    /// Who.
    actor_id: Option<Uuid>,
    /// What was done, e.g. `settings.changed`.
    action: String,
    /// To what kind of object.
    object_kind: String,
    /// To which one.
    object_id: Option<Uuid>,
    /// How it was.
    #[schema(value_type = Value)]
    before: Option<Value>,
    /// How it is since.
    #[schema(value_type = Value)]
    after: Option<Value>,
    /// When.
    at: DateTime<Utc>,
}

/// Changes of one tenant, or of all.
async fn changes(
    conn: &mut PgConnection,
    tenant: Option<nexus_core::ids::TenantId>,
    paging: &Paging,
) -> Result<Page<RecordedChange>, ApiError> {
    let after = paging.after::<(DateTime<Utc>, Uuid)>()?;
    let changes: Vec<RecordedChange> = sqlx::query_as(
        "SELECT id, tenant_id, actor_kind, actor_id, action, object_kind, object_id, before, after, at FROM audit_log
         WHERE ($1::uuid IS NULL OR tenant_id = $1) AND ($2::timestamptz IS NULL OR (at, id) < ($2, $3))
         ORDER BY at DESC, id DESC LIMIT $4",
    )
    .bind(tenant)
    .bind(after.map(|after| after.0))
    .bind(after.map(|after| after.1))
    .bind(paging.fetch())
    .fetch_all(conn)
    .await?;
    Ok(Page::cut(changes, paging, |change| (change.at, change.id)))
}

/// Who changed what in this business, newest first
#[utoipa::path(get, path = "/tenants/{tenant_id}/audit-log", tag = "record", operation_id = "audit_log_of_tenant", params(Paging),
    responses((status = 200, body = Page<RecordedChange>)))]
pub(super) async fn of_tenant(
    Awake(brain): Awake,
    caller: TenantCaller,
    paging: Paging,
) -> Result<axum::Json<Page<RecordedChange>>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    changes(&mut tx, Some(caller.tenant), &paging).await.map(axum::Json)
}

/// Who changed what anywhere, newest first
#[utoipa::path(get, path = "/audit-log", tag = "record", operation_id = "audit_log_of_all", params(Paging),
    responses((status = 200, body = Page<RecordedChange>)))]
pub(super) async fn of_all(Awake(brain): Awake, paging: Paging) -> Result<axum::Json<Page<RecordedChange>>, ApiError> {
    let mut tx = brain.db.system().await?;
    changes(&mut tx, None, &paging).await.map(axum::Json)
}
