//! Making, suspending and resuming a business.

use axum::http::StatusCode;
use nexus_core::ids::TenantId;
use nexus_core::tenancy::Db;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::TenantPath;
use crate::admin::api_error::{ApiError, FieldCode};
use crate::admin::audit::{self, Change};
use crate::admin::extract::{FieldErrors, Json, Path, Validate};
use crate::admin::guard::Awake;
use crate::auth::Caller;
use crate::tenants::lifecycle::{self, Tenant};

/// A business to be made.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct NewTenant {
    /// What it is called.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    name: String,
    /// `es`, `pt` or `en`; absent: `es`.
    #[schema(pattern = "^(es|pt|en)$")]
    language: Option<String>,
    /// An IANA name; absent: `America/Argentina/Buenos_Aires`.
    time_zone: Option<String>,
}

impl Validate for NewTenant {
    fn validate(&self, found: &mut FieldErrors) {
        found.text("name", &self.name, 200);
        let is_language = self.language.as_deref().is_none_or(|language| matches!(language, "es" | "pt" | "en"));
        found.expect(is_language, "language", FieldCode::Invalid, "must be es, pt or en");
        let is_zone = self.time_zone.as_ref().is_none_or(|zone| zone.parse::<chrono_tz::Tz>().is_ok());
        found.expect(is_zone, "time_zone", FieldCode::Invalid, "must be an IANA name such as America/Sao_Paulo");
    }
}

/// Make a business
///
/// Invite its administrator next, with `POST /tenants/{tenant_id}/invitations`.
#[utoipa::path(post, path = "/tenants", tag = "tenants", operation_id = "tenants_create", request_body = NewTenant,
    responses((status = 201, body = Tenant)))]
pub(super) async fn create(
    Awake(brain): Awake,
    caller: Caller,
    Json(new): Json<NewTenant>,
) -> Result<(StatusCode, axum::Json<Tenant>), ApiError> {
    let id = TenantId::new();
    let mut tx = brain.db.tenant(id).await?;
    let tenant = lifecycle::create(&mut tx, &new.name, new.language.as_deref(), new.time_zone.as_deref()).await?;
    let created = Change { action: "tenant.created", object_kind: "tenant", object_id: Some(id.0) };
    audit::record(&mut tx, Some(id), &caller, created, (audit::NOTHING, Some(&new))).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, axum::Json(tenant)))
}

/// Suspend a business
///
/// Its assistant answers nobody any more; its people still sign in and read.
#[utoipa::path(post, path = "/tenants/{tenant_id}/suspend", tag = "tenants", operation_id = "tenants_suspend",
    params(("tenant_id" = Uuid, Path)), responses((status = 200, body = Tenant)))]
pub(super) async fn suspend(
    Awake(brain): Awake,
    caller: Caller,
    Path(path): Path<TenantPath>,
) -> Result<axum::Json<Tenant>, ApiError> {
    set_suspended(&brain.db, &caller, path.tenant_id, true).await
}

/// Let a suspended business go on
#[utoipa::path(post, path = "/tenants/{tenant_id}/resume", tag = "tenants", operation_id = "tenants_resume",
    params(("tenant_id" = Uuid, Path)), responses((status = 200, body = Tenant)))]
pub(super) async fn resume(
    Awake(brain): Awake,
    caller: Caller,
    Path(path): Path<TenantPath>,
) -> Result<axum::Json<Tenant>, ApiError> {
    set_suspended(&brain.db, &caller, path.tenant_id, false).await
}

async fn set_suspended(db: &Db, caller: &Caller, tenant: TenantId, is_suspended: bool) -> Result<axum::Json<Tenant>, ApiError> {
    let mut tx = db.tenant(tenant).await?;
    let changed = lifecycle::set_suspended(&mut tx, is_suspended).await?.ok_or(ApiError::NotFound("tenant"))?;
    let action = if is_suspended { "tenant.suspended" } else { "tenant.resumed" };
    let change = Change { action, object_kind: "tenant", object_id: Some(tenant.0) };
    audit::record(&mut tx, Some(tenant), caller, change, (audit::NOTHING, audit::NOTHING)).await?;
    tx.commit().await?;
    Ok(axum::Json(changed))
}
