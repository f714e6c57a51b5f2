//! What went wrong, and what else an operator must be able to see afterwards.

use chrono::{DateTime, Utc};
use nexus_core::ids::TenantId;
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::admin::api_error::ApiError;
use crate::admin::guard::Awake;
use crate::admin::page::{Page, Paging};
use crate::auth::TenantCaller;

/// One event.
#[derive(Debug, Serialize, ToSchema, sqlx::FromRow)]
pub(in crate::admin) struct Event {
    /// Which.
    id: Uuid,
    /// In which business; the nil id: of the installation.
    tenant_id: Uuid,
    /// A stable name, e.g. `smtp_failed`.
    kind: String,
    /// `info`, `warning` or `error`.
    severity: String,
    /// The conversation it is about.
    conversation_id: Option<Uuid>,
    /// Ids and reasons.
    #[schema(value_type = Object)]
    detail: Value,
    /// When.
    occurred_at: DateTime<Utc>,
}

/// Events of one tenant, or of all.
async fn events(conn: &mut PgConnection, tenant: Option<TenantId>, paging: &Paging) -> Result<Page<Event>, ApiError> {
    let after = paging.after::<(DateTime<Utc>, Uuid)>()?;
    let events: Vec<Event> = sqlx::query_as(
        "SELECT id, tenant_id, kind, severity, conversation_id, detail, occurred_at FROM system_events
         WHERE ($1::uuid IS NULL OR tenant_id = $1) AND ($2::timestamptz IS NULL OR (occurred_at, id) < ($2, $3))
         ORDER BY occurred_at DESC, id DESC LIMIT $4",
    )
    .bind(tenant)
    .bind(after.map(|after| after.0))
    .bind(after.map(|after| after.1))
    .bind(paging.fetch())
    .fetch_all(conn)
    .await?;
    Ok(Page::cut(events, paging, |event| (event.occurred_at, event.id)))
}

/// What happened in this business, newest first
#[utoipa::path(get, path = "/tenants/{tenant_id}/system-events", tag = "record", operation_id = "system_events_of_tenant",
    params(Paging), responses((status = 200, body = Page<Event>)))]
pub(super) async fn of_tenant(
    Awake(brain): Awake,
    caller: TenantCaller,
    paging: Paging,
) -> Result<axum::Json<Page<Event>>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    events(&mut tx, Some(caller.tenant), &paging).await.map(axum::Json)
}

/// What happened anywhere, newest first
#[utoipa::path(get, path = "/system-events", tag = "record", operation_id = "system_events_of_all", params(Paging),
    responses((status = 200, body = Page<Event>)))]
pub(super) async fn of_all(Awake(brain): Awake, paging: Paging) -> Result<axum::Json<Page<Event>>, ApiError> {
    let mut tx = brain.db.system().await?;
    events(&mut tx, None, &paging).await.map(axum::Json)
}
