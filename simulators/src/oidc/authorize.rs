//! The page people are sent to. Nobody is asked anything: the chosen person is signed in already.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{Flaw, Person};
use crate::state::{Sim, lock};

#[derive(Deserialize)]
pub(super) struct Asked {
    response_type: String,
    client_id: String,
    redirect_uri: String,
    scope: String,
    state: String,
    nonce: String,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
}

/// What a code stands for.
pub(crate) struct Grant {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) nonce: String,
    pub(super) challenge: Option<String>,
    pub(super) person: Person,
    pub(super) is_used: bool,
}

pub(super) async fn authorize(State(sim): State<Arc<Sim>>, Query(asked): Query<Asked>) -> Response {
    let settings = lock(&sim.oidc.settings).clone();
    let is_known = asked.client_id == settings.client_id;
    let is_well_formed = asked.response_type == "code" && asked.scope.split(' ').any(|scope| scope == "openid");
    let has_no_plain_challenge = asked.code_challenge_method.as_deref().is_none_or(|method| method == "S256");
    if !(is_known && is_well_formed && has_no_plain_challenge) {
        return (StatusCode::BAD_REQUEST, "this client or this request is not known here").into_response();
    }
    let back = |answer: &[(&str, &str)]| match reqwest::Url::parse_with_params(&asked.redirect_uri, answer) {
        Ok(url) => Redirect::to(url.as_str()).into_response(),
        Err(_) => (StatusCode::BAD_REQUEST, "the redirect_uri is no address").into_response(),
    };
    if settings.flaw == Some(Flaw::Denied) {
        return back(&[("error", "access_denied"), ("state", &asked.state)]);
    }
    let code = hex::encode(rand::random::<[u8; 16]>());
    let grant = Grant {
        client_id: asked.client_id.clone(),
        redirect_uri: asked.redirect_uri.clone(),
        nonce: asked.nonce.clone(),
        challenge: asked.code_challenge.clone(),
        person: settings.person,
        is_used: false,
    };
    lock(&sim.oidc.grants).insert(code.clone(), grant);
    // Providers add parameters of their own (RFC 9207).
    back(&[("code", &code), ("state", &asked.state), ("iss", &super::issuer(&sim))])
}
