//! Users in Postgres. Installation-wide: one person may belong to several businesses.

use chrono::{DateTime, Utc};
use nexus_core::ids::TenantId;
use nexus_core::tenancy::Db;
use sqlx::PgConnection;

use super::ids::UserId;
use super::permission::Role;

/// Somebody who signs in. Hash and secret stay inside the service.
#[derive(Clone, sqlx::FromRow)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// Their e-mail, as they wrote it.
    pub email: String,
    /// Their name.
    pub display_name: String,
    /// argon2id.
    pub password_hash: Option<String>,
    /// `es`, `pt` or `en`.
    pub language: String,
    /// Sealed.
    pub totp_secret: Option<Vec<u8>>,
    /// Since when a code is needed.
    pub totp_confirmed_at: Option<DateTime<Utc>>,
    /// The time step of the last accepted code.
    pub totp_last_step: Option<i64>,
    /// How many backup codes are left.
    pub backup_codes_left: i32,
    /// Whether they run the installation.
    pub is_superadmin: bool,
    /// Since when they may not sign in.
    pub disabled_at: Option<DateTime<Utc>>,
    /// When the account was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Who has this e-mail; upper and lower case are the same.
pub async fn by_email(conn: &mut PgConnection, email: &str) -> Result<Option<User>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, email, display_name, password_hash, language, totp_secret, totp_confirmed_at, totp_last_step,
                cardinality(backup_codes) AS backup_codes_left, is_superadmin, disabled_at, updated_at
         FROM users WHERE lower(email) = lower($1)",
    )
    .bind(email)
    .fetch_optional(conn)
    .await
}

/// The user with this id.
pub async fn by_id(conn: &mut PgConnection, id: UserId) -> Result<Option<User>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, email, display_name, password_hash, language, totp_secret, totp_confirmed_at, totp_last_step,
                cardinality(backup_codes) AS backup_codes_left, is_superadmin, disabled_at, updated_at
         FROM users WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(conn)
    .await
}

/// A new user.
#[derive(Clone, Copy, Debug)]
pub struct NewUser<'a> {
    /// Their e-mail.
    pub email: &'a str,
    /// Their name.
    pub display_name: &'a str,
    /// argon2id, or nothing until they have chosen a password.
    pub password_hash: Option<&'a str>,
    /// Whether they run the installation.
    pub is_superadmin: bool,
}

/// Adds a user; the constraint `users_email_unique` refuses a second one with the same e-mail.
pub async fn create(conn: &mut PgConnection, user: NewUser<'_>) -> Result<UserId, sqlx::Error> {
    let id = UserId::new();
    sqlx::query("INSERT INTO users (id, email, display_name, password_hash, is_superadmin) VALUES ($1, $2, $3, $4, $5)")
        .bind(id)
        .bind(user.email)
        .bind(user.display_name)
        .bind(user.password_hash)
        .bind(user.is_superadmin)
        .execute(conn)
        .await?;
    Ok(id)
}

/// Changes the password. Sign their other devices out afterwards.
pub async fn set_password(conn: &mut PgConnection, user: UserId, hash: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE users SET password_hash = $2, updated_at = now() WHERE id = $1")
        .bind(user)
        .bind(hash)
        .execute(conn)
        .await
        .map(drop)
}

/// A business somebody belongs to.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Belonging {
    /// Which.
    pub tenant_id: TenantId,
    /// What it is called.
    pub name: String,
    /// What they are there.
    pub role: Role,
    /// Since when it is suspended.
    pub suspended_at: Option<DateTime<Utc>>,
}

/// Where somebody belongs. Across tenants, because that is the question.
pub async fn belongings(db: &Db, user: UserId) -> Result<Vec<Belonging>, sqlx::Error> {
    let mut tx = db.system().await?;
    sqlx::query_as(
        "SELECT m.tenant_id, t.name, m.role, t.suspended_at FROM memberships m JOIN tenants t ON t.id = m.tenant_id
         WHERE m.user_id = $1 ORDER BY t.name, m.tenant_id",
    )
    .bind(user)
    .fetch_all(&mut *tx)
    .await
}
