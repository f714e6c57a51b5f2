//! An identity provider: discovery, keys, an authorize page that answers at once for the chosen person, and tokens.
//! Written from OpenID Connect Core 1.0, Discovery 1.0 and RFC 7636 (PKCE).

mod authorize;
mod keys;
mod token;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock},
};

use axum::{
    Json, Router,
    extract::State,
    middleware::from_fn_with_state,
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) use self::authorize::Grant;
use self::keys::SigningKey;
use crate::{
    faults::{Target, layer::inject},
    state::{Sim, lock},
};

#[derive(Default)]
pub(crate) struct Oidc {
    pub(crate) settings: Mutex<Settings>,
    /// Codes that were given out, by their text.
    grants: Mutex<HashMap<String, Grant>>,
    /// Made on the first request: most runs never sign anybody in.
    key: OnceLock<SigningKey>,
    /// Signs what is not in the published keys.
    strangers_key: OnceLock<SigningKey>,
}

/// Who is at the browser, and what is wrong with the tokens.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) client_id: String,
    /// `None` accepts any.
    pub(crate) client_secret: Option<String>,
    pub(crate) person: Person,
    pub(crate) flaw: Option<Flaw>,
}

/// Whoever sits at the browser.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Person {
    pub(crate) sub: String,
    pub(crate) email: Option<String>,
    pub(crate) email_verified: Option<bool>,
    pub(crate) name: Option<String>,
}

/// What is wrong with the next answers.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Flaw {
    /// The person cancels.
    Denied,
    /// The token names another nonce.
    WrongNonce,
    /// The token ran out a day ago.
    Expired,
    /// The token is for another client.
    WrongAudience,
    /// The token is another issuer's.
    WrongIssuer,
    /// The token is signed with a key nobody has published.
    BadSignature,
    /// The token is not signed at all.
    Unsigned,
    /// There is no token in the answer.
    NoToken,
}

impl Default for Settings {
    fn default() -> Self {
        Self { client_id: "nexus".to_owned(), client_secret: None, person: Person::default(), flaw: None }
    }
}

impl Default for Person {
    fn default() -> Self {
        Self {
            sub: "person-1".to_owned(),
            email: Some("ana@example.com".to_owned()),
            email_verified: Some(true),
            name: Some("Ana Pérez".to_owned()),
        }
    }
}

impl Oidc {
    pub(crate) fn clear(&self) {
        lock(&self.grants).clear();
    }

    fn key(&self) -> &SigningKey {
        self.key.get_or_init(|| SigningKey::generate("key-1"))
    }

    /// Claims to be the published one.
    fn strangers_key(&self) -> &SigningKey {
        self.strangers_key.get_or_init(|| SigningKey::generate("key-1"))
    }
}

pub(crate) fn router(sim: &Arc<Sim>) -> Router<Arc<Sim>> {
    let fault = |target| from_fn_with_state((Arc::clone(sim), target), inject);
    Router::new()
        .route("/.well-known/openid-configuration", get(configuration))
        .route("/jwks", get(keys))
        .layer(fault(Target::OidcDiscovery))
        .route("/token", post(token::token).layer(fault(Target::OidcToken)))
        .route("/authorize", get(authorize::authorize))
}

fn issuer(sim: &Sim) -> String {
    format!("{}/oidc", sim.base_url)
}

async fn configuration(State(sim): State<Arc<Sim>>) -> Json<Value> {
    let issuer = issuer(&sim);
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
    }))
}

async fn keys(State(sim): State<Arc<Sim>>) -> Json<Value> {
    Json(json!({ "keys": [sim.oidc.key().published()] }))
}
