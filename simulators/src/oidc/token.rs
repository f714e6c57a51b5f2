//! A code for a token, once.

use std::sync::Arc;

use axum::{
    Form, Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chrono::{TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Flaw, Grant, Settings, keys::unsigned};
use crate::state::{Sim, lock};

#[derive(Deserialize)]
pub(super) struct Exchange {
    grant_type: String,
    code: String,
    redirect_uri: String,
    code_verifier: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

pub(super) async fn token(State(sim): State<Arc<Sim>>, headers: HeaderMap, Form(exchange): Form<Exchange>) -> Response {
    let settings = lock(&sim.oidc.settings).clone();
    if !is_our_client(&settings, &headers, &exchange) {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let mut grants = lock(&sim.oidc.grants);
    let Some(grant) = grants.get_mut(&exchange.code).filter(|grant| fits(grant, &exchange)) else {
        return refused(StatusCode::BAD_REQUEST, "invalid_grant");
    };
    grant.is_used = true;
    let claims = claims(&super::issuer(&sim), grant, settings.flaw);
    let id_token = match settings.flaw {
        Some(Flaw::BadSignature) => sim.oidc.strangers_key().sign(&claims),
        Some(Flaw::Unsigned) => unsigned(&claims),
        _ => sim.oidc.key().sign(&claims),
    };
    let mut answer = json!({ "access_token": "opaque", "token_type": "Bearer", "expires_in": 300, "id_token": id_token });
    if let (Some(Flaw::NoToken), Some(answer)) = (settings.flaw, answer.as_object_mut()) {
        answer.remove("id_token");
    }
    ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

/// By basic authentication or in the form; a client without a secret only names itself.
fn is_our_client(settings: &Settings, headers: &HeaderMap, exchange: &Exchange) -> bool {
    let basic = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Basic "));
    let basic = basic.and_then(|text| String::from_utf8(STANDARD.decode(text).ok()?).ok());
    let (id, secret) = match basic.as_deref().and_then(|text| text.split_once(':')) {
        Some((id, secret)) => (Some(id), Some(secret)),
        None => (exchange.client_id.as_deref(), exchange.client_secret.as_deref()),
    };
    let knows_secret = settings.client_secret.as_deref().is_none_or(|expected| secret == Some(expected));
    id == Some(&settings.client_id) && knows_secret
}

fn fits(grant: &Grant, exchange: &Exchange) -> bool {
    let verifier = exchange.code_verifier.as_deref().unwrap_or_default();
    let proof = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    let is_proved = grant.challenge.as_ref().is_none_or(|challenge| *challenge == proof);
    exchange.grant_type == "authorization_code" && exchange.redirect_uri == grant.redirect_uri && is_proved && !grant.is_used
}

fn claims(issuer: &str, grant: &Grant, flaw: Option<Flaw>) -> Value {
    let now = Utc::now();
    let age = if flaw == Some(Flaw::Expired) { TimeDelta::days(1) } else { TimeDelta::zero() };
    let or = |wrong: Flaw, right: &str, other: &str| if flaw == Some(wrong) { other.to_owned() } else { right.to_owned() };
    json!({
        "iss": or(Flaw::WrongIssuer, issuer, "https://somebody-else.example"),
        "aud": [or(Flaw::WrongAudience, &grant.client_id, "another-client")],
        "nonce": or(Flaw::WrongNonce, &grant.nonce, "another-nonce"),
        "sub": grant.person.sub,
        "iat": (now - age).timestamp(),
        "exp": (now - age + TimeDelta::minutes(5)).timestamp(),
        "email": grant.person.email,
        "email_verified": grant.person.email_verified,
        "name": grant.person.name,
    })
}

fn refused(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}
