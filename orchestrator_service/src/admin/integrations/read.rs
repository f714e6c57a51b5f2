//! Reading.

use super::KindPath;
use super::view::{self, IntegrationView};
use crate::admin::api_error::ApiError;
use crate::admin::etag::Versioned;
use crate::admin::extract::Path;
use crate::admin::guard::Awake;
use crate::admin::language::Reads;
use crate::auth::TenantCaller;

/// Every kind of outside system, set up or not
#[utoipa::path(get, path = "/tenants/{tenant_id}/integrations", tag = "integrations", operation_id = "integrations_list",
    responses((status = 200, body = Vec<IntegrationView>)))]
pub(super) async fn list(
    Awake(brain): Awake,
    caller: TenantCaller,
    Reads(language): Reads,
) -> Result<axum::Json<Vec<IntegrationView>>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    Ok(axum::Json(view::all(&mut tx, language).await?))
}

/// One kind of outside system
///
/// Answers also when it is not set up, with the version that the first `PUT` must name.
#[utoipa::path(get, path = "/tenants/{tenant_id}/integrations/{kind}", tag = "integrations", operation_id = "integrations_get",
    params(("kind" = crate::integrations::IntegrationKind, Path)),
    responses((status = 200, body = IntegrationView, headers(("ETag" = String)))))]
pub(super) async fn get(
    Awake(brain): Awake,
    caller: TenantCaller,
    Reads(language): Reads,
    Path(path): Path<KindPath>,
) -> Result<Versioned<IntegrationView>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    Ok(view::one(&mut tx, path.kind, language).await?.versioned())
}
