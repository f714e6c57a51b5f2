//! Everybody who may sign in, for the operator.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::api_error::{ApiError, ProblemCode};
use super::audit::{self, Change};
use super::etag::{ETag, IfMatch, Versioned};
use super::extract::{Json, Path, Validate};
use super::guard::{Awake, Guard};
use super::page::{Page, Paging};
use crate::auth::{Caller, UserId, second_factor, session};
use crate::routes::AppState;

pub(super) fn routes(guard: &Guard) -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(guard.superadmin(routes!(list)))
        .routes(guard.superadmin(routes!(read, change)))
        .routes(guard.superadmin(routes!(reset_second_factor)))
}

/// Somebody who may sign in.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
struct Account {
    /// Who.
    id: UserId,
    /// Their e-mail.
    email: String,
    /// Their name.
    display_name: String,
    /// Whether they run the installation.
    is_superadmin: bool,
    /// Whether signing in needs a code.
    has_second_factor: bool,
    /// Since when they may not sign in.
    disabled_at: Option<DateTime<Utc>>,
    /// Since when they are here.
    created_at: DateTime<Utc>,
    /// When the account was last changed.
    updated_at: DateTime<Utc>,
}

impl Account {
    fn versioned(self) -> Versioned<Self> {
        Versioned(ETag::of_time(self.updated_at), self)
    }
}

/// Everybody who may sign in, newest first
#[utoipa::path(get, path = "/users", tag = "users", operation_id = "users_list", params(Paging),
    responses((status = 200, body = Page<Account>)))]
async fn list(Awake(brain): Awake, paging: Paging) -> Result<axum::Json<Page<Account>>, ApiError> {
    let accounts: Vec<Account> = sqlx::query_as(
        "SELECT id, email, display_name, is_superadmin, totp_confirmed_at IS NOT NULL AS has_second_factor, disabled_at, created_at, updated_at
         FROM users WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2",
    )
    .bind(paging.after::<Uuid>()?)
    .bind(paging.fetch())
    .fetch_all(brain.db.pool())
    .await?;
    Ok(axum::Json(Page::cut(accounts, &paging, |account| account.id)))
}

/// The fields to change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccountChange {
    /// Whether they may not sign in; ends their sessions.
    is_disabled: Option<bool>,
    /// Whether they run the installation.
    is_superadmin: Option<bool>,
}

impl Validate for AccountChange {}

#[derive(Debug, Deserialize)]
struct UserPath {
    user_id: UserId,
}

/// Somebody who may sign in
#[utoipa::path(get, path = "/users/{user_id}", tag = "users", operation_id = "users_read", params(("user_id" = Uuid, Path)),
    responses((status = 200, body = Account, headers(("ETag" = String)))))]
async fn read(Awake(brain): Awake, Path(path): Path<UserPath>) -> Result<Versioned<Account>, ApiError> {
    let mut conn = brain.db.pool().acquire().await?;
    Ok(find(&mut conn, path.user_id).await?.ok_or(ApiError::NotFound("user"))?.versioned())
}

/// Disable an account, or make somebody a superadmin
#[utoipa::path(patch, path = "/users/{user_id}", tag = "users", operation_id = "users_change",
    params(("user_id" = Uuid, Path), ("If-Match" = String, Header)), request_body = AccountChange,
    responses((status = 200, body = Account, headers(("ETag" = String)))))]
async fn change(
    Awake(brain): Awake,
    caller: Caller,
    Path(path): Path<UserPath>,
    if_match: IfMatch,
    Json(change): Json<AccountChange>,
) -> Result<Versioned<Account>, ApiError> {
    let mut tx = brain.db.system().await?;
    if change.is_disabled == Some(true) || change.is_superadmin == Some(false) {
        keep_a_superadmin(&mut tx, path.user_id).await?;
    }
    sqlx::query("SELECT FROM users WHERE id = $1 FOR UPDATE").bind(path.user_id).execute(&mut *tx).await?;
    let before = find(&mut tx, path.user_id).await?.ok_or(ApiError::NotFound("user"))?;
    if_match.check(&before.clone().versioned())?;
    sqlx::query(
        "UPDATE users SET is_superadmin = coalesce($2, is_superadmin),
                updated_at = greatest(now(), updated_at + interval '1 microsecond'),
                disabled_at = CASE $3 WHEN true THEN coalesce(disabled_at, now()) WHEN false THEN NULL ELSE disabled_at END
         WHERE id = $1",
    )
    .bind(path.user_id)
    .bind(change.is_superadmin)
    .bind(change.is_disabled)
    .execute(&mut *tx)
    .await?;
    if change.is_disabled == Some(true) {
        session::revoke_all(&mut tx, path.user_id, None).await?;
    }
    let after = find(&mut tx, path.user_id).await?.ok_or(ApiError::NotFound("user"))?;
    let changed = Change { action: "user.changed", object_kind: "user", object_id: Some(path.user_id.0) };
    audit::record(&mut tx, None, &caller, changed, (Some(&before), Some(&after))).await?;
    tx.commit().await?;
    Ok(after.versioned())
}

/// Take somebody's second factor away
///
/// For somebody who has lost the phone and the backup codes: make sure who asks. Signs every device of theirs out.
#[utoipa::path(delete, path = "/users/{user_id}/second-factor", tag = "users", operation_id = "users_reset_second_factor",
    params(("user_id" = Uuid, Path)), responses((status = 204)))]
async fn reset_second_factor(Awake(brain): Awake, caller: Caller, Path(path): Path<UserPath>) -> Result<StatusCode, ApiError> {
    let mut tx = brain.db.system().await?;
    find(&mut tx, path.user_id).await?.ok_or(ApiError::NotFound("user"))?;
    second_factor::end(&mut tx, path.user_id).await?;
    session::revoke_all(&mut tx, path.user_id, None).await?;
    let reset = Change { action: "user.second_factor_reset", object_kind: "user", object_id: Some(path.user_id.0) };
    audit::record(&mut tx, None, &caller, reset, (audit::NOTHING, audit::NOTHING)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn find(conn: &mut PgConnection, user: UserId) -> Result<Option<Account>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, email, display_name, is_superadmin, totp_confirmed_at IS NOT NULL AS has_second_factor, disabled_at, created_at, updated_at
         FROM users WHERE id = $1",
    )
    .bind(user)
    .fetch_optional(conn)
    .await
}

/// Refuses what would leave the installation without anybody who runs it. Holds until the transaction ends.
async fn keep_a_superadmin(conn: &mut PgConnection, leaving: UserId) -> Result<(), ApiError> {
    let all: Vec<UserId> =
        sqlx::query_scalar("SELECT id FROM users WHERE is_superadmin AND disabled_at IS NULL ORDER BY id FOR UPDATE")
            .fetch_all(conn)
            .await?;
    if all == [leaving] {
        return Err(ApiError::Conflict(ProblemCode::LastSuperadmin, "make somebody else a superadmin first"));
    }
    Ok(())
}
