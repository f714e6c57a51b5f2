//! Who is at the browser, and what is wrong with the provider's tokens.

use std::sync::Arc;

use axum::{Json, extract::State};

use crate::{
    oidc::Settings,
    state::{Sim, lock},
};

pub(super) async fn show(State(sim): State<Arc<Sim>>) -> Json<Settings> {
    Json(lock(&sim.oidc.settings).clone())
}

/// Replaces all of them; what is left out is as at the start.
pub(super) async fn update(State(sim): State<Arc<Sim>>, Json(settings): Json<Settings>) -> Json<Settings> {
    *lock(&sim.oidc.settings) = settings.clone();
    Json(settings)
}
