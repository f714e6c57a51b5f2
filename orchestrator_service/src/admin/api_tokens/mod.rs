//! Keys of programs to one tenant. The key itself is shown once, when it is made.

mod create;
mod list;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::guard::Guard;
use crate::auth::Permission;
use crate::routes::AppState;

pub(super) fn routes(guard: &Guard) -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(guard.tenant(Permission::ApiTokensRead, routes!(list::list)))
        .routes(guard.tenant(Permission::ApiTokensWrite, routes!(create::create)))
        .routes(guard.tenant(Permission::ApiTokensWrite, routes!(list::revoke)))
}
