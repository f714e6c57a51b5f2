//! The admin API under `/api/v1`, and its description.
//!
//! To add a route:
//! 1. request type: `Deserialize` + `ToSchema` + `#[serde(deny_unknown_fields)]` + `impl Validate`; answer: `Serialize` + `ToSchema`;
//! 2. handler: `#[utoipa::path(get, path = "/tenants/{tenant_id}/things", tag = "things", responses((status = 200, body = Page<Thing>)))]`
//!    `async fn list(Awake(brain): Awake, caller: TenantCaller, paging: Paging) -> Result<Json<Page<Thing>>, ApiError>`;
//! 3. SQL in `store.rs` of its folder, on `brain.db.tenant(caller.tenant)`, naming `tenant_id` in every statement;
//! 4. a change calls `audit::record` before it commits, and answers [`super::etag::Versioned`] where people edit;
//! 5. `.routes(guard.tenant(Permission::ThingsRead, routes!(list)))` in its `routes(guard)`, merged below; a new
//!    permission is one line in `auth::permission`. The tests find the route by the document.

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use tower_http::request_id::RequestId;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa_axum::router::OpenApiRouter;

use super::api_error::{ApiError, Problem};
use super::describe::{Common, open_composed};
use super::guard::Guard;
use super::{
    api_tokens, channels, contacts, conversations, events, health, inbox_settings, integrations, me, members, messages, record,
    repairs, session, settings, templates, tenants, users,
};
use crate::routes::AppState;

/// A page without a single outside request that shows the document.
const DOCS: &str = include_str!("docs.html");

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Nexus admin API",
        description = "Sign in with `POST /api/v1/session` and keep the cookie, or send `Authorization: Bearer <API token>`. \
                       With the cookie every request that changes something needs `X-Requested-With: nexus`. \
                       `x-permission` names what a route needs. Errors are `application/problem+json`."
    ),
    components(schemas(Problem)),
    modifiers(&Common)
)]
struct Described;

fn api(guard: &Guard) -> OpenApiRouter<AppState> {
    let v1 = OpenApiRouter::default()
        .merge(session::routes(guard))
        .merge(me::routes(guard))
        .merge(members::routes(guard))
        .merge(api_tokens::routes(guard))
        .merge(tenants::routes(guard))
        .merge(users::routes(guard))
        .merge(record::routes(guard))
        .merge(channels::routes(guard))
        .merge(integrations::routes(guard))
        .merge(health::routes(guard))
        .merge(conversations::routes(guard))
        .merge(messages::routes(guard))
        .merge(contacts::routes(guard))
        .merge(inbox_settings::routes(guard))
        .merge(templates::routes(guard))
        .merge(repairs::routes(guard))
        .merge(events::routes(guard))
        .merge(settings::routes(guard));
    let mut api = OpenApiRouter::with_openapi(Described::openapi()).nest("/api/v1", v1);
    open_composed(api.get_openapi_mut());
    api
}

/// The description of the whole API, OpenAPI 3.1.
#[must_use]
pub fn document() -> Document {
    api(&Guard::describing()).into_openapi()
}

/// Everything under `/api`.
pub fn router(state: AppState) -> Router {
    let (routes, document) = api(&Guard::new(state.clone())).split_for_parts();
    routes
        .route("/api/v1/openapi.json", get(|| async { Json(document) }))
        .route("/api/docs", get(|| async { Html(DOCS) }))
        .route("/api/{*path}", any(|| async { ApiError::NoSuchRoute }))
        .method_not_allowed_fallback(|| async { ApiError::MethodNotAllowed })
        .layer(from_fn(name_request))
        .with_state(state)
}

/// Gives error answers the id under which the log has the request, and keeps answers out of caches.
async fn name_request(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok()).map(str::to_owned);
    let mut response = next.run(request).await;
    if let Some(mut problem) = response.extensions_mut().remove::<Problem>() {
        problem.request_id = id;
        let (mut parts, _) = response.into_parts();
        parts.headers.remove(header::CONTENT_LENGTH);
        let body = Json(problem).into_response().into_body();
        response = Response::from_parts(parts, body);
    }
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_description_is_that_of_this_build() {
        let committed: serde_json::Value = serde_json::from_str(include_str!("../../openapi.json")).unwrap();
        let current = serde_json::to_value(document()).unwrap();
        let command = "cargo run -p orchestrator_service -- openapi > orchestrator_service/openapi.json";
        assert!(committed == current, "openapi.json is out of date; run: {command}");
    }

    #[test]
    fn every_operation_says_who_may_call_it_and_has_a_name_of_its_own() {
        let document = serde_json::to_value(document()).unwrap();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        let mut names = std::collections::BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                assert!(operation["x-permission"].is_string(), "{method} {path} has no guard");
                let name = operation["operationId"].as_str().unwrap().to_owned();
                assert!(names.insert(name), "{method} {path} has the operationId of another");
                let access = operation["x-permission"].as_str().unwrap();
                let is_of_tenant = path.contains("{tenant_id}");
                assert!(!is_of_tenant || access.contains('.') || access == "superadmin", "{method} {path} is {access}");
            }
        }
    }

    #[test]
    fn the_page_that_shows_it_asks_nobody_else() {
        assert!(!DOCS.contains("http://") && !DOCS.contains("https://") && !DOCS.contains("//cdn"));
    }
}
