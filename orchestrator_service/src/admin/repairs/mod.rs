//! Deliveries and dead letters: what failed, shown and mended.

mod installation;
mod jobs;
mod parked;
mod sends;
mod webhooks;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::guard::Guard;
use crate::auth::Permission;
use crate::routes::AppState;

pub(super) fn routes(guard: &Guard) -> OpenApiRouter<AppState> {
    let read = |routes| guard.tenant(Permission::SystemEventsRead, routes);
    let write = |routes| guard.tenant(Permission::SettingsWrite, routes);
    OpenApiRouter::default()
        .routes(read(routes!(webhooks::groups)))
        .routes(read(routes!(webhooks::list)))
        .routes(write(routes!(webhooks::get, webhooks::edit)))
        .routes(write(routes!(webhooks::replay_one)))
        .routes(write(routes!(webhooks::replay_all)))
        .routes(guard.superadmin(routes!(installation::groups)))
        .routes(guard.superadmin(routes!(installation::list)))
        .routes(guard.superadmin(routes!(installation::get, installation::edit)))
        .routes(guard.superadmin(routes!(installation::replay_one)))
        .routes(guard.superadmin(routes!(installation::replay_all)))
        .routes(read(routes!(jobs::list)))
        .routes(write(routes!(jobs::retry_one)))
        .routes(write(routes!(jobs::retry_all)))
        .routes(write(routes!(jobs::discard)))
        .routes(guard.tenant(Permission::ConversationsRead, routes!(sends::list)))
}
