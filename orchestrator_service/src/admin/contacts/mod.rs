//! Contacts: `/tenants/{tenant_id}/contacts`.

mod consent;
mod edit;
mod erase;
mod export;
mod get;
mod list;
mod merge;
mod suggestions;

use nexus_core::ids::ContactId;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::guard::Guard;
use crate::auth::Permission;
use crate::routes::AppState;

pub(super) fn routes(guard: &Guard) -> OpenApiRouter<AppState> {
    let read = |routes| guard.tenant(Permission::ContactsRead, routes);
    let write = |routes| guard.tenant(Permission::ContactsWrite, routes);
    let erase = |routes| guard.tenant(Permission::ContactsErase, routes);
    OpenApiRouter::default()
        .routes(read(routes!(list::list)))
        .routes(read(routes!(get::get)))
        .routes(write(routes!(edit::edit)))
        .routes(write(routes!(consent::opt_out, consent::opt_in)))
        .routes(write(routes!(consent::block, consent::unblock)))
        .routes(read(routes!(suggestions::list)))
        .routes(write(routes!(suggestions::dismiss)))
        .routes(write(routes!(merge::merge)))
        .routes(erase(routes!(export::export)))
        .routes(erase(routes!(erase::erase)))
}

/// The contact of the path.
#[derive(Debug, Deserialize)]
struct ContactPath {
    contact_id: ContactId,
}
