//! Erasing a business with everything it has. Its name must be typed, and there are seven days to think again.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::TenantPath;
use crate::admin::api_error::{ApiError, FieldCode, ProblemCode};
use crate::admin::audit::{self, Change};
use crate::admin::extract::{Json, Path, Query, Validate};
use crate::admin::guard::Awake;
use crate::auth::Caller;
use crate::tenants::lifecycle::{self, Tenant};

/// The name of the business, as proof that it is meant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct Erasure {
    /// Exactly as it is called.
    confirm_name: String,
}

impl Validate for Erasure {}

/// Whether to skip the days of grace.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::admin) struct Haste {
    /// Erases at once, irreversibly.
    now: Option<bool>,
}

impl Validate for Haste {}

/// Erase a business and everything it has
///
/// Suspends it at once and erases it after seven days; until then `POST …/keep` takes that back. Export it first.
#[utoipa::path(delete, path = "/tenants/{tenant_id}", tag = "tenants", operation_id = "tenants_erase",
    params(("tenant_id" = Uuid, Path), Haste), request_body = Erasure,
    responses((status = 202, description = "It will be erased at `erase_at`.", body = Tenant),
        (status = 204, description = "It is erased.")))]
pub(super) async fn erase(
    Awake(brain): Awake,
    caller: Caller,
    Path(path): Path<TenantPath>,
    Query(haste): Query<Haste>,
    Json(erasure): Json<Erasure>,
) -> Result<Response, ApiError> {
    let tenant = path.tenant_id;
    let mut tx = brain.db.system().await?;
    let name = lifecycle::lock_name(&mut tx, tenant).await?.ok_or(ApiError::NotFound("tenant"))?;
    if erasure.confirm_name != name {
        return Err(ApiError::field("confirm_name", FieldCode::Invalid, "must be exactly the name of the business"));
    }
    let ordered = lifecycle::order_erasure(&mut tx, tenant).await?;
    let order = Change { action: "tenant.erasure_ordered", object_kind: "tenant", object_id: Some(tenant.0) };
    // In the installation's record: that of the business goes with it.
    audit::record(&mut tx, None, &caller, order, (audit::NOTHING, Some(&ordered))).await?;
    tx.commit().await?;
    if haste.now != Some(true) {
        return Ok((StatusCode::ACCEPTED, axum::Json(ordered)).into_response());
    }
    lifecycle::erase_in_steps(&brain.db, tenant).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Keep a business that was to be erased
///
/// It goes on, unless it was suspended before.
#[utoipa::path(post, path = "/tenants/{tenant_id}/keep", tag = "tenants", operation_id = "tenants_keep",
    params(("tenant_id" = Uuid, Path)), responses((status = 200, body = Tenant)))]
pub(super) async fn keep(
    Awake(brain): Awake,
    caller: Caller,
    Path(path): Path<TenantPath>,
) -> Result<axum::Json<Tenant>, ApiError> {
    let tenant = path.tenant_id;
    let mut tx = brain.db.tenant(tenant).await?;
    lifecycle::find(&mut tx).await?.ok_or(ApiError::NotFound("tenant"))?;
    let kept = lifecycle::keep(&mut tx).await?;
    let kept = kept.ok_or(ApiError::Conflict(ProblemCode::WrongState, "nobody has ordered its erasure"))?;
    let change = Change { action: "tenant.kept", object_kind: "tenant", object_id: Some(tenant.0) };
    audit::record(&mut tx, Some(tenant), &caller, change, (audit::NOTHING, Some(&kept))).await?;
    tx.commit().await?;
    Ok(axum::Json(kept))
}
