//! HTTP for the settings.

use chrono::{Datelike as _, Utc};
use nexus_core::ids::TenantId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::change::SettingsChange;
use super::{Settings, store};
use crate::admin::api_error::ApiError;
use crate::admin::audit::{self, Change};
use crate::admin::etag::{ETag, IfMatch, Versioned};
use crate::admin::extract::{FieldErrors, Json, Query, Validate};
use crate::admin::guard::Awake;
use crate::auth::TenantCaller;
use crate::holidays::{self, ClosedDate, Country};

/// How the business is set up
#[utoipa::path(get, path = "/tenants/{tenant_id}/settings", tag = "settings", operation_id = "settings_read",
    responses((status = 200, body = Settings, headers(("ETag" = String)))))]
pub(super) async fn read(Awake(brain): Awake, caller: TenantCaller) -> Result<Versioned<Settings>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let settings = store::read(&mut tx, caller.tenant).await?;
    Ok(versioned(settings.ok_or(ApiError::NotFound("tenant"))?))
}

/// Change how the business is set up
///
/// Absent fields stay as they are; null resets a field to the installation's.
#[utoipa::path(patch, path = "/tenants/{tenant_id}/settings", tag = "settings", operation_id = "settings_change",
    request_body = SettingsChange, params(("If-Match" = String, Header, description = "The ETag that was edited.")),
    responses((status = 200, body = Settings, headers(("ETag" = String)))))]
pub(super) async fn change(
    Awake(brain): Awake,
    caller: TenantCaller,
    if_match: IfMatch,
    Json(change): Json<SettingsChange>,
) -> Result<Versioned<Settings>, ApiError> {
    let tenant: TenantId = caller.tenant;
    let mut tx = brain.db.tenant(tenant).await?;
    let before = store::lock(&mut tx, tenant).await?.ok_or(ApiError::NotFound("tenant"))?;
    if_match.check(&versioned(before.clone()))?;
    let after = store::write(&mut tx, tenant, &change.apply(&before)?).await?;
    let changed = Change { action: "settings.changed", object_kind: "tenant", object_id: Some(tenant.0) };
    audit::record(&mut tx, Some(tenant), &caller.caller, changed, (Some(&before), Some(&after))).await?;
    tx.commit().await?;
    Ok(versioned(after))
}

fn versioned(settings: Settings) -> Versioned<Settings> {
    Versioned(ETag::of_time(settings.updated_at), settings)
}

/// Which year of which country.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct HolidaysQuery {
    /// Usually that of the business.
    #[param(inline)]
    country: Option<Country>,
    /// Usually this one.
    #[param(minimum = 2000, maximum = 2100)]
    year: Option<i32>,
}

impl Validate for HolidaysQuery {
    fn validate(&self, found: &mut FieldErrors) {
        found.range("year", self.year, 2000..=2100);
    }
}

/// The public holidays of a country in a year
///
/// None for a business that has not said where it is.
#[utoipa::path(get, path = "/tenants/{tenant_id}/holidays", tag = "settings", operation_id = "holidays_list",
    params(HolidaysQuery), responses((status = 200, body = Vec<ClosedDate>)))]
pub(super) async fn holidays(
    Awake(brain): Awake,
    caller: TenantCaller,
    Query(query): Query<HolidaysQuery>,
) -> Result<axum::Json<Vec<ClosedDate>>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let settings = store::read(&mut tx, caller.tenant).await?.ok_or(ApiError::NotFound("tenant"))?;
    let year = query.year.unwrap_or_else(|| Utc::now().year());
    let country = query.country.or(settings.country);
    Ok(axum::Json(country.map(|country| holidays::of(country, year)).unwrap_or_default()))
}
