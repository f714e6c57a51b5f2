//! Signing in and out.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use chrono::Utc;
use nexus_core::tenancy::SystemTx;
use secrecy::SecretString;
use serde::Deserialize;
use sqlx::PgPool;
use utoipa::ToSchema;

use crate::admin::api_error::{ApiError, Problem};
use crate::admin::audit::{self, Change};
use crate::admin::cookie;
use crate::admin::extract::{FieldErrors, Json, Validate};
use crate::admin::guard::Awake;
use crate::admin::me::{Me, describe};
use crate::admin::origin::Origin;
use crate::auth::throttle::{self, Limit, Tried};
use crate::auth::users::{self, User};
use crate::auth::{Caller, SignedIn, password, second_factor, session};
use crate::routes::AppState;

/// What a person proves themselves with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct Credentials {
    /// Their e-mail.
    #[schema(max_length = 254)]
    email: String,
    /// Their password.
    #[schema(value_type = String, format = Password, max_length = 200)]
    password: SecretString,
    /// The code of their app or a backup code, when the answer was `second_factor_needed`.
    #[schema(max_length = 40)]
    code: Option<String>,
}

impl Validate for Credentials {
    fn validate(&self, found: &mut FieldErrors) {
        found.longest("email", &self.email, 254);
        found.longest("password", secrecy::ExposeSecret::expose_secret(&self.password), password::LONGEST);
        found.longest("code", self.code.as_deref().unwrap_or_default(), 40);
    }
}

/// Counts a try or answers when the next one is allowed.
pub(in crate::admin) async fn limit(pool: &PgPool, limit: Limit, subject: &str) -> Result<(), ApiError> {
    match throttle::try_once(pool, limit, subject).await? {
        Tried::Allowed => Ok(()),
        Tried::RefusedFor(seconds) => Err(ApiError::TooManyTries(seconds)),
    }
}

/// Sign in
///
/// Sets the session cookie. Unknown accounts and wrong passwords get the same answer after the same time.
#[utoipa::path(post, path = "/session", tag = "session", operation_id = "sign_in", request_body = Credentials,
    responses((status = 200, body = Me), (status = 401, description = "E-mail, password or code is not right.", body = Problem,
        content_type = "application/problem+json")))]
pub(super) async fn sign_in(
    State(state): State<AppState>,
    Awake(brain): Awake,
    origin: Origin,
    headers: HeaderMap,
    Json(credentials): Json<Credentials>,
) -> Result<impl IntoResponse, ApiError> {
    let pool = brain.db.pool();
    limit(pool, Limit::Address, &origin.address).await?;
    limit(pool, Limit::Account, &credentials.email).await?;
    let mut tx = brain.db.system().await?;
    let user = users::by_email(&mut tx, &credentials.email).await?.filter(|user| user.disabled_at.is_none());
    // Hashing takes long: no connection waits for it.
    tx.commit().await?;
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    let fits = state.access.passwords.verify(&credentials.password, hash).await.map_err(ApiError::internal)?;
    let user = user.filter(|_| fits).ok_or(ApiError::WrongCredentials)?;
    let mut tx = brain.db.system().await?;
    check_second_factor(&mut tx, &state, &user, credentials.code.as_deref()).await?;
    throttle::forget(&mut tx, Limit::Account, &credentials.email).await?;
    let (id, token) = session::open(&mut tx, user.id, &origin.user_agent, &origin.address).await?;
    let caller = Caller::User(SignedIn { user: user.id, session: Some(id), is_superadmin: user.is_superadmin });
    let opened = Change { action: "session.opened", object_kind: "session", object_id: Some(id.0) };
    audit::record(&mut tx, None, &caller, opened, (audit::NOTHING, audit::NOTHING)).await?;
    tx.commit().await?;
    let me = describe(&brain.db, user.id, Some(id)).await?;
    Ok(([(header::SET_COOKIE, cookie::SESSION.set(&token, state.access.is_https(&headers)))], axum::Json(me)))
}

async fn check_second_factor(tx: &mut SystemTx, state: &AppState, user: &User, code: Option<&str>) -> Result<(), ApiError> {
    if user.totp_confirmed_at.is_none() {
        return Ok(());
    }
    let code = code.ok_or(ApiError::SecondFactorNeeded)?;
    let accepted = second_factor::accept(tx, &state.access.vault, user, code, Utc::now()).await.map_err(ApiError::internal)?;
    if accepted { Ok(()) } else { Err(ApiError::SecondFactorWrong) }
}

/// Sign out
///
/// Ends the session of the cookie, if there is one, and removes the cookie.
#[utoipa::path(delete, path = "/session", tag = "session", operation_id = "sign_out", responses((status = 204)))]
pub(super) async fn sign_out(
    State(state): State<AppState>,
    Awake(brain): Awake,
    headers: HeaderMap,
) -> Result<impl IntoResponse, ApiError> {
    if let Some(token) = cookie::SESSION.read(&headers)
        && let Some(found) = session::recognise(brain.db.pool(), token).await?
    {
        let mut conn = brain.db.pool().acquire().await?;
        session::revoke(&mut conn, found.user, found.id).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie::SESSION.clear(state.access.is_https(&headers)))]))
}
