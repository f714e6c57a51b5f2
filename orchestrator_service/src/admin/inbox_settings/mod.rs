//! What agents work with: labels, canned replies, teams.

mod canned_replies;
mod labels;
mod teams;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::guard::Guard;
use crate::auth::Permission;
use crate::routes::AppState;

pub(super) fn routes(guard: &Guard) -> OpenApiRouter<AppState> {
    let read = |routes| guard.tenant(Permission::ConversationsRead, routes);
    let write = |routes| guard.tenant(Permission::SettingsWrite, routes);
    OpenApiRouter::default()
        .routes(read(routes!(labels::list)))
        .routes(write(routes!(labels::create)))
        .routes(write(routes!(labels::update, labels::delete)))
        .routes(read(routes!(canned_replies::list)))
        .routes(write(routes!(canned_replies::create)))
        .routes(write(routes!(canned_replies::update, canned_replies::delete)))
        .routes(read(routes!(teams::list)))
        .routes(write(routes!(teams::create)))
        .routes(write(routes!(teams::update, teams::delete)))
}
