//! Templates: `/tenants/{tenant_id}/templates`.

mod edit;
mod read;

use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::etag::{ETag, Versioned};
use super::guard::Guard;
use crate::auth::Permission;
use crate::routes::AppState;
use crate::templates::Template;

pub(super) fn routes(guard: &Guard) -> OpenApiRouter<AppState> {
    let read = |routes| guard.tenant(Permission::ConversationsRead, routes);
    let write = |routes| guard.tenant(Permission::SettingsWrite, routes);
    OpenApiRouter::default()
        .routes(read(routes!(read::list)))
        .routes(read(routes!(read::get)))
        .routes(read(routes!(read::preview)))
        .routes(write(routes!(edit::create)))
        .routes(write(routes!(edit::update, edit::delete)))
        .routes(write(routes!(edit::sync)))
}

/// The template of the path.
#[derive(Debug, Deserialize)]
struct TemplatePath {
    template_id: Uuid,
}

fn versioned(template: Template) -> Versioned<Template> {
    Versioned(ETag::of_revision(template.revision), template)
}
