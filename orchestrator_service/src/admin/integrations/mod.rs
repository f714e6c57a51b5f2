//! The outside systems of a business: `/tenants/{tenant_id}/integrations`. Secrets go in and never come out.

mod change;
mod read;
mod test;
mod view;

use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::guard::Guard;
use crate::auth::Permission;
use crate::integrations::IntegrationKind;
use crate::routes::AppState;

pub(super) fn routes(guard: &Guard) -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(guard.tenant(Permission::IntegrationsRead, routes!(read::list)))
        .routes(guard.tenant(Permission::IntegrationsRead, routes!(read::get)))
        .routes(guard.tenant(Permission::IntegrationsWrite, routes!(change::put)))
        .routes(guard.tenant(Permission::IntegrationsWrite, routes!(change::delete)))
        .routes(guard.tenant(Permission::IntegrationsWrite, routes!(test::test)))
}

/// Which integration.
#[derive(Debug, Deserialize)]
struct KindPath {
    kind: IntegrationKind,
}
