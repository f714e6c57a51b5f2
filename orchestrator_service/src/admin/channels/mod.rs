//! The channels of a business: `/tenants/{tenant_id}/channels`.

mod connect;
mod credentials;
mod disconnect;
mod edit;
mod outside;
mod read;
mod test;
mod view;
mod webhook;

use nexus_core::ids::ChannelId;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::guard::Guard;
use crate::auth::Permission;
use crate::routes::AppState;

pub(super) fn routes(guard: &Guard) -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(guard.tenant(Permission::ChannelsRead, routes!(read::list)))
        .routes(guard.tenant(Permission::ChannelsRead, routes!(read::get)))
        .routes(guard.tenant(Permission::ChannelsWrite, routes!(connect::list_numbers)))
        .routes(guard.tenant(Permission::ChannelsWrite, routes!(connect::connect)))
        .routes(guard.tenant(Permission::ChannelsWrite, routes!(edit::edit)))
        .routes(guard.tenant(Permission::ChannelsWrite, routes!(credentials::replace)))
        .routes(guard.tenant(Permission::ChannelsWrite, routes!(webhook::repair)))
        .routes(guard.tenant(Permission::ChannelsWrite, routes!(webhook::rotate)))
        .routes(guard.tenant(Permission::ChannelsWrite, routes!(test::test)))
        .routes(guard.tenant(Permission::ChannelsWrite, routes!(disconnect::disconnect)))
}

/// Which channel.
#[derive(Debug, Deserialize)]
struct ChannelPath {
    channel_id: ChannelId,
}
