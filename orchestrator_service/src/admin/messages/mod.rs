//! Messages: `/tenants/{tenant_id}/conversations/{conversation_id}/messages`.

mod get;
mod page;
mod resend;
mod trace;

use nexus_core::ids::{ConversationId, MessageId};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::guard::Guard;
use crate::auth::Permission;
use crate::routes::AppState;

pub(super) fn routes(guard: &Guard) -> OpenApiRouter<AppState> {
    let read = |routes| guard.tenant(Permission::ConversationsRead, routes);
    OpenApiRouter::default()
        .routes(read(routes!(page::page)))
        .routes(read(routes!(get::get)))
        .routes(read(routes!(trace::trace)))
        .routes(guard.tenant(Permission::MessagesSend, routes!(resend::resend)))
}

/// The message of the path.
#[derive(Debug, Deserialize)]
pub(super) struct MessagePath {
    pub conversation_id: ConversationId,
    pub message_id: MessageId,
}
