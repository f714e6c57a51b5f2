//! The list of businesses.

use uuid::Uuid;

use crate::admin::api_error::ApiError;
use crate::admin::guard::Awake;
use crate::admin::page::{Page, Paging};
use crate::tenants::lifecycle::{self, Tenant};

/// Every business, newest first
#[utoipa::path(get, path = "/tenants", tag = "tenants", operation_id = "tenants_list", params(Paging),
    responses((status = 200, body = Page<Tenant>)))]
pub(super) async fn list(Awake(brain): Awake, paging: Paging) -> Result<axum::Json<Page<Tenant>>, ApiError> {
    let mut tx = brain.db.system().await?;
    let tenants = lifecycle::list(&mut tx, paging.after::<Uuid>()?, paging.fetch()).await?;
    Ok(axum::Json(Page::cut(tenants, &paging, |tenant| tenant.id)))
}
