//! Which ways lead in: what the sign-in page asks before it shows anything.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::admin::api_error::ApiError;
use crate::admin::guard::Awake;
use crate::routes::AppState;

/// The ways to sign in.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct SignInOptions {
    /// Whether `POST /setup` is still to be done: nobody can sign in before.
    needs_setup: bool,
    /// Whether a forgotten password can be replaced by mail.
    can_reset_password: bool,
    /// The identity provider, if one is set up.
    oidc: Option<OidcOption>,
}

/// The identity provider.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct OidcOption {
    /// What the button says.
    label: String,
    /// Where the button leads, with `?return_to=` and a path of the UI if it is not the start page.
    url: &'static str,
}

/// Which ways lead in
#[utoipa::path(get, path = "/session/options", tag = "session", operation_id = "sign_in_options",
    responses((status = 200, body = SignInOptions)))]
pub(super) async fn read(State(state): State<AppState>, Awake(brain): Awake) -> Result<axum::Json<SignInOptions>, ApiError> {
    let is_set_up: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM users WHERE is_superadmin)").fetch_one(brain.db.pool()).await?;
    let oidc = state.access.oidc.as_ref();
    Ok(axum::Json(SignInOptions {
        needs_setup: !is_set_up,
        can_reset_password: brain.mailer.is_some() && state.access.platform_url.is_some(),
        oidc: oidc.map(|provider| OidcOption { label: provider.label().to_owned(), url: "/api/v1/session/oidc" }),
    }))
}
