//! The one HTTP port: every simulated party under its own prefix, the control API under `/_sim`.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    response::{Html, Redirect},
    routing::get,
};

use crate::{control, mail, oidc, openai, phone, state::Sim, ycloud};

const LARGEST_BODY: usize = 32 * 1024 * 1024;

pub(crate) fn router(sim: Arc<Sim>) -> Router {
    Router::new()
        .nest("/ycloud/v2", ycloud::router(&sim))
        .nest("/openai/v1", openai::router(&sim))
        .nest("/oidc", oidc::router(&sim))
        .nest("/_sim", control::router())
        .nest("/phone", phone::router())
        .nest("/mail", mail::router())
        .route("/", get(async || Redirect::temporary("/phone")))
        .route("/phone/", get(async || Redirect::temporary("/phone")))
        .route("/mail/", get(async || Redirect::temporary("/mail")))
        .route("/favicon.ico", get(async || Html("")))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(sim)
}
