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
use utoipa_axum::router::{UtoipaMethodRouter, UtoipaMethodRouterExt as _};
use uuid::Uuid;

use super::api_error::ApiError;
use super::cookie;
use super::describe::{Callers, Guarded, describe};
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
    /// People, and the operator's own key.
    SignedInOrKey,
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
            Self::SignedIn | Self::SignedInOrKey => "signed_in",
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

    /// Every signed-in person and the operator's key may call these; handlers take [`Caller`].
    pub fn signed_in_or_key(&self, routes: Routes) -> Routes {
        self.stand_before(Access::SignedInOrKey, routes)
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
        let guarded = Guarded {
            access: access.as_str(),
            is_open_to: match access {
                Access::Open => Callers::Everybody,
                Access::SignedIn => Callers::People,
                Access::SignedInOrKey | Access::Superadmin | Access::Tenant(_) => Callers::PeopleAndPrograms,
            },
            takes_tenant: matches!(access, Access::Tenant(_)),
        };
        for (path, item) in &mut paths.paths {
            describe(path, item, guarded, &schemas);
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
        response.headers_mut().append(header::SET_COOKIE, cookie::SESSION.set(&token, is_https));
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
        (Access::SignedInOrKey, Caller::User(_) | Caller::AdminKey) => {}
        (Access::SignedIn | Access::SignedInOrKey, _) => return Err(ApiError::NotSignedIn),
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
