//! Signing in through the identity provider: leaving for it, and coming back.
//!
//! A browser goes here by itself, so whatever goes wrong ends on the sign-in page with a code, never on a page of JSON.

mod people;

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::Utc;
use nexus_core::telemetry::error_chain;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::admin::api_error::{ApiError, Problem};
use crate::admin::cookie;
use crate::admin::extract::{Query, Validate};
use crate::admin::guard::Awake;
use crate::admin::origin::Origin;
use crate::auth::oidc::{Flow, Provider, Refusal};
use crate::auth::throttle::{self, Limit, Tried};
use crate::routes::AppState;
use crate::state::Brain;

/// The longest path somebody is taken back to.
const LONGEST_PATH: usize = 500;

/// Where to go afterwards.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::admin) struct Leaving {
    /// A path of the UI; anything else is its start page.
    return_to: Option<String>,
}

impl Validate for Leaving {}

/// What the provider sends back. It may add what it likes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::admin) struct ComingBack {
    /// To be exchanged for a token.
    code: Option<String>,
    /// What the sign-in was begun with.
    state: Option<String>,
    /// Why the provider refuses.
    error: Option<String>,
}

impl Validate for ComingBack {}

/// Go to the identity provider
///
/// For a browser, by a link. Comes back to the sign-in page with `?error=` and a code when that is not possible.
#[utoipa::path(get, path = "/session/oidc", tag = "session", operation_id = "oidc_leave", params(Leaving),
    responses((status = 303, description = "On to the provider, or back to the sign-in page.", headers(("Location" = String))),
        (status = 404, description = "No provider is set up.", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn leave(
    State(state): State<AppState>,
    headers: HeaderMap,
    Query(leaving): Query<Leaving>,
) -> Result<Response, ApiError> {
    let provider = provider(&state)?;
    let return_to = leaving.return_to.filter(|path| is_path_of_ours(path)).unwrap_or_else(|| "/".to_owned());
    let begun = async {
        let (url, flow) = provider.begin(return_to).await?;
        Ok((url, flow.seal(&state.access.vault)?))
    };
    Ok(match begun.await {
        Ok((url, flow)) => see_other(&url, &[cookie::OIDC.set(&flow, state.access.is_https(&headers))]),
        Err(refusal) => refused(&state, refusal, &headers),
    })
}

/// Come back from the identity provider
///
/// Sets the session cookie of somebody who is known here, or who is invited.
#[utoipa::path(get, path = "/session/oidc/callback", tag = "session", operation_id = "oidc_come_back", params(ComingBack),
    responses((status = 303, description = "Into the UI, or back to the sign-in page.", headers(("Location" = String))),
        (status = 404, description = "No provider is set up.", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn come_back(
    State(state): State<AppState>,
    Awake(brain): Awake,
    origin: Origin,
    headers: HeaderMap,
    Query(answer): Query<ComingBack>,
) -> Result<Response, ApiError> {
    let provider = provider(&state)?;
    let is_https = state.access.is_https(&headers);
    Ok(match sign_in(&state, &brain, &provider, &origin, &headers, answer).await {
        Ok((token, return_to)) => {
            let to = format!("{}{return_to}", site(&state));
            see_other(&to, &[cookie::SESSION.set(&token, is_https), cookie::OIDC.clear(is_https)])
        }
        Err(refusal) => refused(&state, refusal, &headers),
    })
}

async fn sign_in(
    state: &AppState,
    brain: &Brain,
    provider: &Provider,
    origin: &Origin,
    headers: &HeaderMap,
    answer: ComingBack,
) -> Result<(SecretString, String), Refusal> {
    let cookie = cookie::OIDC.read(headers).ok_or(Refusal::Expired)?;
    let flow = Flow::open(&state.access.vault, cookie, answer.state.as_deref().unwrap_or_default(), Utc::now())?;
    if answer.error.is_some() {
        return Err(Refusal::Denied);
    }
    let code = answer.code.ok_or(Refusal::Invalid)?;
    let tried = throttle::try_once(brain.db.pool(), Limit::Address, &origin.address).await.map_err(|error| failed(&error))?;
    if let Tried::RefusedFor(_) = tried {
        return Err(Refusal::TooManyTries);
    }
    let return_to = flow.return_to.clone();
    let identity = provider.finish(code, flow).await?;
    let signed_in = people::sign_in(&brain.db, &identity, origin).await.map_err(|error| failed(&error))?;
    Ok((signed_in.ok_or(Refusal::NoAccount)?, return_to))
}

fn provider(state: &AppState) -> Result<Arc<Provider>, ApiError> {
    state.access.oidc.clone().ok_or(ApiError::NotFound("identity provider"))
}

fn failed(error: &sqlx::Error) -> Refusal {
    tracing::error!(error = error_chain(error), "somebody could not be signed in");
    Refusal::Failed
}

/// The UI's own address; empty when it is unknown, which the configuration excludes.
fn site(state: &AppState) -> &str {
    state.access.platform_url.as_deref().unwrap_or_default()
}

/// A path within the UI, and no address that only looks like one.
fn is_path_of_ours(path: &str) -> bool {
    let mut characters = path.chars();
    let begins_well = characters.next() == Some('/') && !matches!(characters.next(), Some('/' | '\\'));
    begins_well && path.len() <= LONGEST_PATH && path.chars().all(|character| character.is_ascii_graphic())
}

fn refused(state: &AppState, refusal: Refusal, headers: &HeaderMap) -> Response {
    let is_https = state.access.is_https(headers);
    see_other(&format!("{}/login?error={}", site(state), refusal.code()), &[cookie::OIDC.clear(is_https)])
}

/// Another place by GET; the cookies go along.
fn see_other(to: &str, cookies: &[HeaderValue]) -> Response {
    let location = HeaderValue::from_str(to).unwrap_or_else(|_| HeaderValue::from_static("/"));
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response();
    for cookie in cookies {
        response.headers_mut().append::<HeaderName>(header::SET_COOKIE, cookie.clone());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_taken_to_another_site() {
        assert!(is_path_of_ours("/inbox?view=waiting#last"));
        for bad in
            ["", "inbox", "//evil.example", "/\\evil.example", "https://evil.example", "/a b", "/a\r\nb", &"/a".repeat(300)]
        {
            assert!(!is_path_of_ours(bad), "{bad:?}");
        }
    }
}
