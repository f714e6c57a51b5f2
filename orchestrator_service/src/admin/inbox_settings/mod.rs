//! What agents work with, and the rules of the inbox.

mod agents;
mod canned_preview;
mod canned_replies;
mod labels;
mod policies;
mod saved_views;
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
        .routes(read(routes!(canned_preview::preview)))
        .routes(guard.tenant(Permission::SettingsRead, routes!(policies::read)))
        .routes(write(routes!(policies::set)))
        .routes(guard.tenant(Permission::SettingsRead, routes!(policies::read_of_team)))
        .routes(write(routes!(policies::set_of_team, policies::remove_of_team)))
        .routes(guard.tenant(Permission::MembersRead, routes!(agents::list)))
        .routes(guard.tenant(Permission::ConversationsWrite, routes!(agents::set_mine)))
        .routes(write(routes!(agents::set_others)))
        .routes(write(routes!(agents::change)))
        .routes(read(routes!(saved_views::list)))
        .routes(read(routes!(saved_views::create)))
        .routes(read(routes!(saved_views::update, saved_views::delete)))
        .routes(read(routes!(teams::list)))
        .routes(write(routes!(teams::create)))
        .routes(write(routes!(teams::update, teams::delete)))
}
