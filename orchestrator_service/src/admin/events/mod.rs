//! Live events: `/events`.

mod access;
mod stream;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::guard::Guard;
use crate::routes::AppState;

pub(super) fn routes(guard: &Guard) -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(guard.signed_in_or_key(routes!(stream::events)))
}
