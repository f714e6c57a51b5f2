//! Turning the second factor on and off.

use axum::extract::State;
use axum::http::StatusCode;
use chrono::Utc;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::admin::api_error::{ApiError, FieldCode, ProblemCode};
use crate::admin::audit::{self, Change};
use crate::admin::extract::{FieldErrors, Json, Validate};
use crate::admin::guard::Awake;
use crate::admin::session::limit;
use crate::auth::throttle::Limit;
use crate::auth::users::{self, User};
use crate::auth::{Caller, SignedIn, second_factor};
use crate::routes::AppState;
use crate::state::Brain;

/// What goes into the authenticator app. Shown once.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct Enrolment {
    /// For typing, base32.
    secret: String,
    /// For a QR code, `otpauth://…`.
    url: String,
}

/// The password, so that a forgotten open browser is not enough.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct PasswordProof {
    /// My password.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

impl Validate for PasswordProof {}

/// The first code of the app.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct FirstCode {
    /// Six digits.
    #[schema(min_length = 1, max_length = 40, pattern = r"\S")]
    code: String,
}

impl Validate for FirstCode {
    fn validate(&self, found: &mut FieldErrors) {
        found.text("code", &self.code, 40);
    }
}

/// Backup codes. Shown once.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct BackupCodes {
    /// Each opens one sign-in without the app.
    backup_codes: Vec<String>,
}

async fn user_of(brain: &Brain, me: &SignedIn) -> Result<User, ApiError> {
    let mut conn = brain.db.pool().acquire().await?;
    users::by_id(&mut conn, me.user).await?.ok_or(ApiError::NotSignedIn)
}

async fn prove(state: &AppState, brain: &Brain, user: &User, proof: &PasswordProof) -> Result<(), ApiError> {
    limit(brain.db.pool(), Limit::Account, &user.email).await?;
    let fits = state.access.passwords.verify(&proof.password, user.password_hash.clone()).await.map_err(ApiError::internal)?;
    if fits { Ok(()) } else { Err(ApiError::field("password", FieldCode::Invalid, "is not your password")) }
}

/// Begin with a second factor
///
/// It counts once it is confirmed with a first code.
#[utoipa::path(post, path = "/me/second-factor", tag = "me", operation_id = "second_factor_begin", request_body = PasswordProof,
    responses((status = 201, body = Enrolment)))]
pub(super) async fn begin(
    State(state): State<AppState>,
    Awake(brain): Awake,
    me: SignedIn,
    Json(proof): Json<PasswordProof>,
) -> Result<(StatusCode, axum::Json<Enrolment>), ApiError> {
    let user = user_of(&brain, &me).await?;
    if user.totp_confirmed_at.is_some() {
        return Err(ApiError::Conflict(ProblemCode::WrongState, "the second factor is on already"));
    }
    prove(&state, &brain, &user, &proof).await?;
    let mut conn = brain.db.pool().acquire().await?;
    let begun = second_factor::begin(&mut conn, &state.access.vault, &user).await.map_err(ApiError::internal)?;
    let (secret, url) = (begun.secret.expose_secret().to_owned(), begun.url.expose_secret().to_owned());
    Ok((StatusCode::CREATED, axum::Json(Enrolment { secret, url })))
}

/// Confirm the second factor with a first code
#[utoipa::path(post, path = "/me/second-factor/confirm", tag = "me", operation_id = "second_factor_confirm", request_body = FirstCode,
    responses((status = 200, body = BackupCodes)))]
pub(super) async fn confirm(
    State(state): State<AppState>,
    Awake(brain): Awake,
    me: SignedIn,
    Json(first): Json<FirstCode>,
) -> Result<axum::Json<BackupCodes>, ApiError> {
    let user = user_of(&brain, &me).await?;
    if user.totp_confirmed_at.is_some() || user.totp_secret.is_none() {
        return Err(ApiError::Conflict(ProblemCode::WrongState, "begin with a second factor first"));
    }
    limit(brain.db.pool(), Limit::Account, &user.email).await?;
    let mut tx = brain.db.system().await?;
    let confirmed = second_factor::confirm(&mut tx, &state.access.vault, &user, &first.code, Utc::now()).await;
    let backup_codes = confirmed.map_err(ApiError::internal)?;
    let wrong = || ApiError::field("code", FieldCode::Invalid, "is not the code of this moment; check the clock of the phone");
    let backup_codes = backup_codes.ok_or_else(wrong)?;
    let changed = Change { action: "user.second_factor_on", object_kind: "user", object_id: Some(me.user.0) };
    audit::record(&mut tx, None, &Caller::User(me), changed, (audit::NOTHING, audit::NOTHING)).await?;
    tx.commit().await?;
    Ok(axum::Json(BackupCodes { backup_codes }))
}

/// Turn the second factor off
#[utoipa::path(delete, path = "/me/second-factor", tag = "me", operation_id = "second_factor_end", request_body = PasswordProof,
    responses((status = 204)))]
pub(super) async fn end(
    State(state): State<AppState>,
    Awake(brain): Awake,
    me: SignedIn,
    Json(proof): Json<PasswordProof>,
) -> Result<StatusCode, ApiError> {
    let user = user_of(&brain, &me).await?;
    prove(&state, &brain, &user, &proof).await?;
    let mut tx = brain.db.system().await?;
    second_factor::end(&mut tx, me.user).await?;
    let changed = Change { action: "user.second_factor_off", object_kind: "user", object_id: Some(me.user.0) };
    audit::record(&mut tx, None, &Caller::User(me), changed, (audit::NOTHING, audit::NOTHING)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
