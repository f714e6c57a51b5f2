//! What happened: who changed what, and what went wrong.

mod changes;
mod events;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::guard::Guard;
use crate::auth::Permission;
use crate::routes::AppState;

pub(super) fn routes(guard: &Guard) -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(guard.tenant(Permission::AuditRead, routes!(changes::of_tenant)))
        .routes(guard.superadmin(routes!(changes::of_all)))
        .routes(guard.tenant(Permission::SystemEventsRead, routes!(events::of_tenant)))
        .routes(guard.superadmin(routes!(events::of_all)))
}
