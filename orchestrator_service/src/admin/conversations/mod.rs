//! Conversations: `/tenants/{tenant_id}/conversations`.

mod assign;
mod bulk;
mod change;
mod counts;
mod drafts;
mod get;
mod give_back;
mod labels;
mod list;
mod mentions;
mod notes;
mod presence;
mod priority;
mod read;
mod send;
mod status;
mod surveys;
mod take_over;
mod template;
mod thread_events;

use nexus_core::ids::ConversationId;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::api_error::{ApiError, ProblemCode};
use super::guard::Guard;
use crate::auth::{Permission, TenantCaller};
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
        .routes(read(routes!(thread_events::list)))
        .routes(write(routes!(bulk::change_many)))
        .routes(write(routes!(drafts::get, drafts::set)))
        .routes(read(routes!(mentions::list)))
        .routes(read(routes!(mentions::mark_seen)))
        .routes(read(routes!(surveys::of_conversation)))
        .routes(read(routes!(surveys::list)))
        .routes(read(routes!(surveys::summary)))
        .routes(guard.tenant(Permission::MessagesSend, routes!(send::send)))
        .routes(guard.tenant(Permission::MessagesSend, routes!(template::send)))
}

/// The person who calls; a program has no desk of its own.
pub(in crate::admin) fn person(caller: &TenantCaller) -> Result<Uuid, ApiError> {
    let refused = ApiError::Conflict(ProblemCode::WrongState, "this is something of a person; a program has none");
    caller.caller.user().map(|user| user.0).ok_or(refused)
}

/// The conversation of the path.
#[derive(Debug, Deserialize)]
pub(super) struct ConversationPath {
    pub conversation_id: ConversationId,
}
