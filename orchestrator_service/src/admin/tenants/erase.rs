//! Erasing a business with everything it has. Irreversible, so its name must be typed.

use axum::http::StatusCode;
use nexus_core::ids::TenantId;
use serde::Deserialize;
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::TenantPath;
use crate::admin::api_error::{ApiError, FieldCode};
use crate::admin::audit::{self, Change};
use crate::admin::extract::{Json, Path, Validate};
use crate::admin::guard::Awake;
use crate::auth::Caller;

/// The name of the business, as proof that it is meant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct Erasure {
    /// Exactly as it is called.
    confirm_name: String,
}

impl Validate for Erasure {}

/// Erase a business and everything it has
#[utoipa::path(delete, path = "/tenants/{tenant_id}", tag = "tenants", operation_id = "tenants_erase",
    params(("tenant_id" = Uuid, Path)), request_body = Erasure, responses((status = 204)))]
pub(super) async fn erase(
    Awake(brain): Awake,
    caller: Caller,
    Path(path): Path<TenantPath>,
    Json(erasure): Json<Erasure>,
) -> Result<StatusCode, ApiError> {
    let tenant = path.tenant_id;
    let mut tx = brain.db.system().await?;
    let name: Option<String> =
        sqlx::query_scalar("SELECT name FROM tenants WHERE id = $1 FOR UPDATE").bind(tenant).fetch_optional(&mut *tx).await?;
    let name = name.ok_or(ApiError::NotFound("tenant"))?;
    if erasure.confirm_name != name {
        return Err(ApiError::field("confirm_name", FieldCode::Invalid, "must be exactly the name of the business"));
    }
    remove_rows(&mut tx, tenant).await?;
    let erased = Change { action: "tenant.erased", object_kind: "tenant", object_id: Some(tenant.0) };
    audit::record(&mut tx, None, &caller, erased, (audit::NOTHING, audit::NOTHING)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What does not go by itself with the row in `tenants`: conversations hold on to contacts, and the record stands alone.
async fn remove_rows(conn: &mut PgConnection, tenant: TenantId) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM chat_conversations WHERE tenant_id = $1").bind(tenant).execute(&mut *conn).await?;
    sqlx::query("DELETE FROM system_events WHERE tenant_id = $1").bind(tenant).execute(&mut *conn).await?;
    // The record of changes may quote what is to be erased; that of the erasure itself is the installation's.
    sqlx::query("SELECT set_config('nexus.audit_retention', 'on', true)").execute(&mut *conn).await?;
    sqlx::query("DELETE FROM audit_log WHERE tenant_id = $1").bind(tenant).execute(&mut *conn).await?;
    sqlx::query("DELETE FROM tenants WHERE id = $1").bind(tenant).execute(conn).await.map(drop)
}
