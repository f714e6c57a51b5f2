//! Getting in and out: first set-up, signing in and out, links from mails.

mod links;
mod oidc;
mod options;
mod setup;
mod sign_in;

pub(super) use sign_in::limit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::guard::Guard;
use crate::routes::AppState;

pub(super) fn routes(guard: &Guard) -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(guard.open(routes!(options::read)))
        .routes(guard.open(routes!(oidc::leave)))
        .routes(guard.open(routes!(oidc::come_back)))
        .routes(guard.open(routes!(setup::state)))
        .routes(guard.superadmin(routes!(setup::set_up)))
        .routes(guard.open(routes!(sign_in::sign_in, sign_in::sign_out)))
        .routes(guard.open(routes!(links::ask_for_reset)))
        .routes(guard.open(routes!(links::reset)))
        .routes(guard.open(routes!(links::look_at_invitation)))
        .routes(guard.open(routes!(links::accept_invitation)))
}
