//! What people see and change about themselves.

mod bootstrap;
mod devices;
mod profile;
mod second_factor;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::guard::Guard;
use crate::routes::AppState;

pub(super) use profile::{Me, describe};

pub(super) fn routes(guard: &Guard) -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(guard.signed_in(routes!(bootstrap::read)))
        .routes(guard.signed_in(routes!(profile::read, profile::change)))
        .routes(guard.signed_in(routes!(profile::change_password)))
        .routes(guard.signed_in(routes!(devices::list)))
        .routes(guard.signed_in(routes!(devices::revoke)))
        .routes(guard.signed_in(routes!(second_factor::begin, second_factor::end)))
        .routes(guard.signed_in(routes!(second_factor::confirm)))
}
