//! Conversations: `/tenants/{tenant_id}/conversations`.

mod assign;
mod change;
mod counts;
mod get;
mod give_back;
mod labels;
mod list;
mod notes;
mod presence;
mod priority;
mod read;
mod send;
mod status;
mod take_over;

use nexus_core::ids::ConversationId;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::guard::Guard;
use crate::auth::Permission;
use crate::routes::AppState;

pub(super) use change::updated;

pub(super) fn routes(guard: &Guard) -> OpenApiRouter<AppState> {
    let read = |routes| guard.tenant(Permission::ConversationsRead, routes);
    let write = |routes| guard.tenant(Permission::ConversationsWrite, routes);
    OpenApiRouter::default()
        .routes(read(routes!(list::list)))
        .routes(read(routes!(counts::counts)))
        .routes(read(routes!(get::get)))
        .routes(write(routes!(read::mark_read)))
        .routes(write(routes!(take_over::take_over)))
        .routes(write(routes!(give_back::give_back)))
        .routes(write(routes!(status::resolve)))
        .routes(write(routes!(status::reopen)))
        .routes(write(routes!(status::snooze)))
        .routes(write(routes!(assign::assign)))
        .routes(write(routes!(labels::set)))
        .routes(write(routes!(priority::set)))
        .routes(read(routes!(notes::list)))
        .routes(write(routes!(notes::add)))
        .routes(write(routes!(presence::note)))
        .routes(guard.tenant(Permission::MessagesSend, routes!(send::send)))
}

/// The conversation of the path.
#[derive(Debug, Deserialize)]
pub(super) struct ConversationPath {
    pub conversation_id: ConversationId,
}
