//! The businesses of the installation, for its operator.

mod change;
mod erase;
mod export;
mod list;

use nexus_core::ids::TenantId;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::guard::Guard;
use crate::routes::AppState;

pub(super) fn routes(guard: &Guard) -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(guard.superadmin(routes!(list::list, change::create)))
        .routes(guard.superadmin(routes!(change::suspend)))
        .routes(guard.superadmin(routes!(change::resume)))
        .routes(guard.superadmin(routes!(erase::keep)))
        .routes(guard.superadmin(routes!(export::export_tenant)))
        .routes(guard.superadmin(routes!(erase::erase)))
}

#[derive(Debug, Deserialize)]
struct TenantPath {
    tenant_id: TenantId,
}
