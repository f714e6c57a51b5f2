//! Stands before every route of the admin API: says in the document who may call it, and sees to it.
//!
//! The two come from one declaration, so they cannot differ. Handlers get what the guard found out: [`TenantCaller`]
//! behind [`Guard::tenant`], [`Caller`] or [`SignedIn`] behind the others.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{Method, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use nexus_core::ids::TenantId;
use nexus_core::tenancy::Db;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::{Content, KnownFormat, ObjectBuilder, Ref, RefOr, Required, ResponseBuilder, SchemaFormat, Type};
use utoipa_axum::router::{UtoipaMethodRouter, UtoipaMethodRouterExt as _};
use uuid::Uuid;

use super::api_error::ApiError;
use super::cookie;
use super::identify::{Identified, identify};
use crate::auth::{Caller, Permission, Role, SignedIn, TenantCaller};
use crate::routes::AppState;
use crate::state::Brain;

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// Everybody.
    Open,
    /// Whoever is signed in: people only, about themselves.
    SignedIn,
    /// Whoever runs the installation.
    Superadmin,
    /// Whoever has the permission in the tenant of the path.
    Tenant(Permission),
}

impl Access {
    /// As it stands in `x-permission`.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::SignedIn => "signed_in",
            Self::Superadmin => "superadmin",
            Self::Tenant(permission) => permission.as_str(),
        }
    }
}

/// Makes guarded routes.
#[derive(Clone)]
pub struct Guard {
    /// `None`: only the description is wanted, and nobody is let in.
    state: Option<AppState>,
}

/// What `routes!` makes.
type Routes = UtoipaMethodRouter<AppState>;

impl Guard {
    /// A guard that asks this state.
    #[must_use]
    pub fn new(state: AppState) -> Self {
        Self { state: Some(state) }
    }

    /// A guard that only describes.
    pub(super) const fn describing() -> Self {
        Self { state: None }
    }

    /// Everybody may call these.
    pub fn open(&self, routes: Routes) -> Routes {
        self.stand_before(Access::Open, routes)
    }

    /// Every signed-in person may call these; handlers take [`SignedIn`].
    pub fn signed_in(&self, routes: Routes) -> Routes {
        self.stand_before(Access::SignedIn, routes)
    }

    /// Only superadmins may call these; handlers take [`Caller`].
    pub fn superadmin(&self, routes: Routes) -> Routes {
        self.stand_before(Access::Superadmin, routes)
    }

    /// Only who has the permission in the tenant `{tenant_id}` of the path; handlers take [`TenantCaller`].
    pub fn tenant(&self, permission: Permission, routes: Routes) -> Routes {
        self.stand_before(Access::Tenant(permission), routes)
    }

    fn stand_before(&self, access: Access, (schemas, mut paths, router): Routes) -> Routes {
        for (path, item) in &mut paths.paths {
            let takes_tenant = path.contains("{tenant_id}") && matches!(access, Access::Tenant(_));
            operations(item).for_each(|operation| describe(operation, access, takes_tenant));
        }
        let state = self.state.clone();
        let routes: Routes = (schemas, paths, router);
        routes.map(|router| {
            router.route_layer(from_fn(move |request: Request, next: Next| {
                let state = state.clone();
                async move {
                    match state {
                        Some(state) => enforce(state, access, request, next).await,
                        None => ApiError::Starting.into_response(),
                    }
                }
            }))
        })
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, patch, delete, .. } = item;
    [get, put, post, patch, delete].into_iter().flatten()
}

/// Adds what every route has in common to its description.
fn describe(operation: &mut Operation, access: Access, takes_tenant: bool) {
    let permission = ExtensionsBuilder::new().add("x-permission", access.as_str()).build();
    operation.extensions.get_or_insert_default().merge(permission);
    if takes_tenant {
        let id = ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
        let parameter = ParameterBuilder::new()
            .name("tenant_id")
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some("The business."))
            .schema(Some(id));
        let parameters = operation.parameters.get_or_insert_default();
        parameters.retain(|known| !matches!(known, RefOr::T(known) if known.name == "tenant_id"));
        parameters.insert(0, RefOr::T(parameter.build()));
    }
    let problem = ResponseBuilder::new()
        .description("What went wrong; `code` says what a program may branch on.")
        .content("application/problem+json", Content::new(Some(Ref::from_schema_name("Problem"))));
    operation.responses.responses.insert("default".to_owned(), problem.build().into());
}

async fn enforce(state: AppState, access: Access, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let admitted = match admit(&state, access, &mut parts).await {
        Ok(admitted) => admitted,
        Err(refused) => return refused.into_response(),
    };
    let is_https = state.access.is_https(&parts.headers);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    // A sign-out sets the cookie itself.
    if let Some(token) = admitted.filter(|_| !response.headers().contains_key(header::SET_COOKIE)) {
        response.headers_mut().append(header::SET_COOKIE, cookie::set(&token, is_https));
    }
    response
}

/// Lets a request in, with its caller in the extensions. Answers the renewed session token, if there is one.
async fn admit(state: &AppState, access: Access, parts: &mut Parts) -> Result<Option<secrecy::SecretString>, ApiError> {
    let brain = state.brain().ok_or(ApiError::Starting)?;
    let identified = match access {
        // A proof that has run out must not keep anybody from signing in again.
        Access::Open => None,
        _ => Some(identify(state, &brain, parts).await?.ok_or(ApiError::NotSignedIn)?),
    };
    let is_ambient = identified.as_ref().is_none_or(|identified| identified.is_ambient);
    if is_ambient && !is_safe(&parts.method) && !was_asked_for_by_our_page(parts) {
        return Err(ApiError::CsrfHeaderMissing);
    }
    parts.extensions.insert(Arc::clone(&brain));
    let Some(Identified { caller, renewed, .. }) = identified else { return Ok(None) };
    match (access, &caller) {
        (Access::Open, _) => {}
        (Access::SignedIn, Caller::User(signed_in)) => drop(parts.extensions.insert(signed_in.clone())),
        (Access::SignedIn, _) => return Err(ApiError::NotSignedIn),
        (Access::Superadmin, caller) if caller.is_superadmin() => {}
        (Access::Superadmin, _) => return Err(ApiError::PermissionMissing("superadmin")),
        (Access::Tenant(permission), _) => {
            let caller = enter(&brain.db, permission, caller.clone(), parts).await?;
            parts.extensions.insert(caller);
        }
    }
    parts.extensions.insert(caller);
    Ok(renewed)
}

const fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Pages of other origins cannot set this header without being allowed to by CORS.
fn was_asked_for_by_our_page(parts: &Parts) -> bool {
    parts.headers.get("x-requested-with").is_some_and(|value| value == "nexus")
}

/// Into a tenant one is a member of, or a 404 as if it did not exist; then the permission.
async fn enter(db: &Db, permission: Permission, caller: Caller, parts: &mut Parts) -> Result<TenantCaller, ApiError> {
    const NO_TENANT: ApiError = ApiError::NotFound("tenant");
    let tenant = tenant_of_path(parts).await.ok_or(NO_TENANT)?;
    if let Caller::Token { tenant: own, .. } = &caller
        && *own != tenant
    {
        return Err(NO_TENANT);
    }
    let role = match caller.user() {
        Some(user) => {
            let mut tx = db.tenant(tenant).await?;
            let role: Option<Role> = sqlx::query_scalar("SELECT role FROM memberships WHERE tenant_id = $1 AND user_id = $2")
                .bind(tenant)
                .bind(user)
                .fetch_optional(&mut *tx)
                .await?;
            role
        }
        None => None,
    };
    if caller.is_superadmin() {
        let mut tx = db.tenant(tenant).await?;
        let exists: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT FROM tenants WHERE id = $1)").bind(tenant).fetch_one(&mut *tx).await?;
        if !exists {
            return Err(NO_TENANT);
        }
    } else if role.is_none() && caller.user().is_some() {
        return Err(NO_TENANT);
    }
    let entered = TenantCaller { tenant, caller, role };
    if entered.may(permission) { Ok(entered) } else { Err(ApiError::PermissionMissing(permission.as_str())) }
}

async fn tenant_of_path(parts: &mut Parts) -> Option<TenantId> {
    let params = RawPathParams::from_request_parts(parts, &()).await.ok()?;
    let (_, id) = params.iter().find(|(name, _)| *name == "tenant_id")?;
    Uuid::parse_str(id).ok().map(TenantId)
}

/// What only the guard puts there. A handler behind the wrong guard is a fault of ours, not an open door.
macro_rules! from_guard {
    ($($found:ty),+) => {$(
        impl<S: Send + Sync> FromRequestParts<S> for $found {
            type Rejection = ApiError;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
                parts.extensions.get::<Self>().cloned().ok_or_else(|| ApiError::internal("the route has another guard"))
            }
        }
    )+};
}
from_guard!(Caller, SignedIn, TenantCaller);

/// The database and everything else the brain has; handlers behind a guard can rely on it.
#[derive(Clone)]
pub struct Awake(pub Arc<Brain>);

impl<S: Send + Sync> FromRequestParts<S> for Awake {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Arc<Brain>>().cloned().map(Self).ok_or(ApiError::Starting)
    }
}
