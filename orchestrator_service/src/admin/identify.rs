//! Finds out who calls: a bearer token, a trusted proxy, or the session cookie.

use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use nexus_core::ids::TenantId;
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

use super::api_error::ApiError;
use super::{cookie, origin};
use crate::auth::{ApiTokenId, Caller, Permission, SignedIn, session, token, users};
use crate::routes::AppState;
use crate::state::Brain;

/// A caller, and what came with finding out.
#[derive(Clone, Debug)]
pub(super) struct Identified {
    pub caller: Caller,
    /// Whether a browser sends the proof by itself, so that another site's page could make it.
    pub is_ambient: bool,
    /// Set the cookie to this.
    pub renewed: Option<SecretString>,
}

/// Who calls, or `None` when no proof was sent. A proof that is not good is an error.
pub(super) async fn identify(state: &AppState, brain: &Brain, parts: &Parts) -> Result<Option<Identified>, ApiError> {
    if let Some(bearer) = bearer(&parts.headers) {
        let caller = of_bearer(state, brain, bearer).await?.ok_or(ApiError::NotSignedIn)?;
        return Ok(Some(Identified { caller, is_ambient: false, renewed: None }));
    }
    if let Some(caller) = of_proxy(state, brain, parts).await? {
        return Ok(Some(Identified { caller, is_ambient: true, renewed: None }));
    }
    let Some(token) = cookie::SESSION.read(&parts.headers) else { return Ok(None) };
    let Some(session) = session::recognise(brain.db.pool(), token).await? else { return Ok(None) };
    let signed_in = SignedIn { user: session.user, session: Some(session.id), is_superadmin: session.is_superadmin };
    Ok(Some(Identified { caller: Caller::User(signed_in), is_ambient: true, renewed: session.renewed }))
}

/// Whom a proxy of ours has signed in (oauth2-proxy and its like). Nobody else's header counts, and nobody is made a
/// user by it.
async fn of_proxy(state: &AppState, brain: &Brain, parts: &Parts) -> Result<Option<Caller>, ApiError> {
    let settings = &state.access.proxies;
    let Some(header) = &settings.email_header else { return Ok(None) };
    let Some(email) = parts.headers.get(header).and_then(|email| email.to_str().ok()) else { return Ok(None) };
    if !origin::peer(parts).is_some_and(|peer| settings.is_trusted(peer)) {
        return Ok(None);
    }
    let mut conn = brain.db.pool().acquire().await?;
    let user = users::by_email(&mut conn, email.trim()).await?.filter(|user| user.disabled_at.is_none());
    Ok(user.map(|user| Caller::User(SignedIn { user: user.id, session: None, is_superadmin: user.is_superadmin })))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

async fn of_bearer(state: &AppState, brain: &Brain, bearer: &str) -> Result<Option<Caller>, ApiError> {
    let expected = state.access.admin_token.expose_secret().as_bytes();
    if bool::from(bearer.as_bytes().ct_eq(expected)) {
        return Ok(Some(Caller::AdminKey));
    }
    // Across tenants: whose key it is, is the question.
    let mut tx = brain.db.system().await?;
    let found: Option<(TenantId, ApiTokenId, Vec<String>)> = sqlx::query_as(
        "SELECT tenant_id, id, scopes FROM api_tokens
         WHERE token_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())",
    )
    .bind(token::hash(bearer))
    .fetch_optional(&mut *tx)
    .await?;
    let Some((tenant, id, scopes)) = found else { return Ok(None) };
    sqlx::query(
        "UPDATE api_tokens SET last_used_at = now()
         WHERE tenant_id = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')",
    )
    .bind(tenant)
    .bind(id)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    let has = |permission: &Permission| scopes.iter().any(|scope| scope == permission.as_str());
    Ok(Some(Caller::Token { id, tenant, scopes: Permission::ALL.iter().copied().filter(has).collect() }))
}
