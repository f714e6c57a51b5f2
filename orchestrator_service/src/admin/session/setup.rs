//! First set-up: whoever holds `ADMIN_TOKEN` makes the first superadmin. Once.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::admin::api_error::{ApiError, FieldCode, ProblemCode};
use crate::admin::audit::{self, Change};
use crate::admin::cookie;
use crate::admin::extract::{FieldErrors, Json, Validate};
use crate::admin::guard::Awake;
use crate::admin::me::{Me, describe};
use crate::admin::origin::Origin;
use crate::auth::users::{self, NewUser};
use crate::auth::{Caller, password, session};
use crate::routes::AppState;

/// Any number, as long as every replica uses the same.
const SETUP_LOCK: i64 = 0x4e_65_78_75_75;

/// Whether the installation has been set up.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct SetupState {
    /// Whether `POST /setup` is still to be done.
    needs_setup: bool,
}

/// The first superadmin.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct FirstSuperadmin {
    /// What they sign in with.
    #[schema(format = Email, max_length = 254)]
    email: String,
    /// At least 10 characters.
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 200)]
    password: SecretString,
    /// Their name.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    display_name: String,
}

impl Validate for FirstSuperadmin {
    fn validate(&self, found: &mut FieldErrors) {
        found.email("email", &self.email);
        found.text("display_name", &self.display_name, 200);
        if let Some(weakness) = password::weakness(&self.password, &self.email) {
            found.add("password", FieldCode::Invalid, weakness);
        }
    }
}

/// Whether the installation has been set up
#[utoipa::path(get, path = "/setup", tag = "session", operation_id = "setup_state", responses((status = 200, body = SetupState)))]
pub(super) async fn state(Awake(brain): Awake) -> Result<axum::Json<SetupState>, ApiError> {
    let is_there: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM users WHERE is_superadmin)").fetch_one(brain.db.pool()).await?;
    Ok(axum::Json(SetupState { needs_setup: !is_there }))
}

/// Make the first superadmin
///
/// With `Authorization: Bearer <ADMIN_TOKEN>`. Signs them in; answers 409 from then on.
#[utoipa::path(post, path = "/setup", tag = "session", operation_id = "setup", request_body = FirstSuperadmin,
    responses((status = 201, body = Me)))]
pub(super) async fn set_up(
    State(state): State<AppState>,
    Awake(brain): Awake,
    caller: Caller,
    origin: Origin,
    headers: axum::http::HeaderMap,
    Json(first): Json<FirstSuperadmin>,
) -> Result<impl IntoResponse, ApiError> {
    let hash = state.access.passwords.hash(&first.password).await.map_err(ApiError::internal)?;
    let mut tx = brain.db.system().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(SETUP_LOCK).execute(&mut *tx).await?;
    let is_there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM users WHERE is_superadmin)").fetch_one(&mut *tx).await?;
    if is_there {
        return Err(ApiError::Conflict(ProblemCode::AlreadySetUp, "the first superadmin is there already; sign in"));
    }
    let new =
        NewUser { email: &first.email, display_name: first.display_name.trim(), password_hash: Some(&hash), is_superadmin: true };
    let user = users::create(&mut tx, new).await?;
    let created = Change { action: "user.created", object_kind: "user", object_id: Some(user.0) };
    audit::record(&mut tx, None, &caller, created, (audit::NOTHING, audit::NOTHING)).await?;
    let (id, token) = session::open(&mut tx, user, &origin.user_agent, &origin.address).await?;
    tx.commit().await?;
    let me = describe(&brain.db, user, Some(id)).await?;
    let cookie = cookie::SESSION.set(&token, state.access.is_https(&headers));
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, cookie)], axum::Json(me)))
}
