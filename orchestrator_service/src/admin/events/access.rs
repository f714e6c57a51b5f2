//! Whose events somebody may hear.

use nexus_core::ids::TenantId;

use crate::admin::api_error::{ApiError, FieldCode};
use crate::auth::{Caller, SignedIn};
use crate::state::Brain;

/// More than one screen can show.
const MOST_TENANTS: usize = 100;

/// The tenants of a listener: those they belong to, or for a superadmin those that were asked for. `None` when they may
/// not listen any more.
pub(super) async fn tenants(brain: &Brain, who: &Caller, asked: &[TenantId]) -> Result<Option<Vec<TenantId>>, ApiError> {
    if asked.len() > MOST_TENANTS {
        return Err(ApiError::field("tenants", FieldCode::TooLong, "at most 100"));
    }
    match who {
        Caller::User(who) => of_person(brain, who, asked).await,
        Caller::AdminKey => named(brain, asked).await.map(Some),
        Caller::Token { .. } => Ok(None),
    }
}

/// The operator's key belongs nowhere, so it says whom it listens to.
async fn named(brain: &Brain, asked: &[TenantId]) -> Result<Vec<TenantId>, ApiError> {
    if asked.is_empty() {
        return Err(ApiError::field("tenants", FieldCode::Missing, "must name the businesses to listen to"));
    }
    let mut tx = brain.db.system().await?;
    let tenants: Vec<TenantId> =
        sqlx::query_scalar("SELECT id FROM tenants WHERE id = ANY ($1) ORDER BY id").bind(asked).fetch_all(&mut *tx).await?;
    if tenants.len() < asked.len() { Err(ApiError::NotFound("tenant")) } else { Ok(tenants) }
}

async fn of_person(brain: &Brain, who: &SignedIn, asked: &[TenantId]) -> Result<Option<Vec<TenantId>>, ApiError> {
    // Across tenants: which ones somebody belongs to is the question.
    let mut tx = brain.db.system().await?;
    let is_superadmin: Option<bool> = sqlx::query_scalar(
        "SELECT u.is_superadmin FROM users u
         WHERE u.id = $1 AND u.disabled_at IS NULL
           AND ($2::uuid IS NULL OR EXISTS (SELECT FROM sessions s WHERE s.id = $2 AND s.user_id = u.id AND s.revoked_at IS NULL
                                            AND s.expires_at > now()))",
    )
    .bind(who.user)
    .bind(who.session)
    .fetch_optional(&mut *tx)
    .await?;
    let Some(is_superadmin) = is_superadmin else { return Ok(None) };
    let tenants: Vec<TenantId> = sqlx::query_scalar(
        "SELECT t.id FROM tenants t
         WHERE (cardinality($2::uuid[]) = 0 OR t.id = ANY ($2))
           AND (($3 AND cardinality($2::uuid[]) > 0)
                OR EXISTS (SELECT FROM memberships m WHERE m.tenant_id = t.id AND m.user_id = $1))
         ORDER BY t.id LIMIT $4",
    )
    .bind(who.user)
    .bind(asked)
    .bind(is_superadmin)
    .bind(i64::try_from(MOST_TENANTS).unwrap_or(100))
    .fetch_all(&mut *tx)
    .await?;
    if tenants.len() < asked.len() {
        return Err(ApiError::NotFound("tenant"));
    }
    Ok(Some(tenants))
}
