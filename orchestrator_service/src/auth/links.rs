//! Links that were mailed: into an account whose password is forgotten, and into a tenant.
//!
//! The token is made when the mail is written, so that it stands nowhere but in the mail; a retry makes another.

use chrono::{DateTime, TimeDelta, Utc};
use nexus_core::ids::TenantId;
use nexus_core::tenancy::{Db, TenantTx};
use secrecy::SecretString;
use sqlx::PgConnection;

use super::ids::{InvitationId, UserId};
use super::permission::Role;
use super::token::{NewToken, hash};

/// How long a mailed reset link is good.
pub const RESET_LASTS: TimeDelta = TimeDelta::hours(1);
/// How long an invitation is good.
pub const INVITATION_LASTS: TimeDelta = TimeDelta::days(7);

/// Makes a link with which a user sets a new password.
pub async fn issue_reset(conn: &mut PgConnection, user: UserId, lasts: TimeDelta) -> Result<SecretString, sqlx::Error> {
    let token = NewToken::mint("");
    sqlx::query("INSERT INTO password_resets (id, user_id, token_hash, expires_at) VALUES ($1, $2, $3, now() + $4)")
        .bind(uuid::Uuid::now_v7())
        .bind(user)
        .bind(&token.hash)
        .bind(lasts)
        .execute(conn)
        .await?;
    Ok(token.text)
}

/// Uses a reset link up, and with it every other one of its user. Whose it was, if it was good.
pub async fn spend_reset(conn: &mut PgConnection, token: &str) -> Result<Option<UserId>, sqlx::Error> {
    let user: Option<UserId> = sqlx::query_scalar(
        "UPDATE password_resets r SET used_at = now() FROM users u
         WHERE r.token_hash = $1 AND r.used_at IS NULL AND r.expires_at > now() AND u.id = r.user_id AND u.disabled_at IS NULL
         RETURNING r.user_id",
    )
    .bind(hash(token))
    .fetch_optional(&mut *conn)
    .await?;
    if let Some(user) = user {
        sqlx::query("UPDATE password_resets SET used_at = now() WHERE user_id = $1 AND used_at IS NULL")
            .bind(user)
            .execute(conn)
            .await?;
    }
    Ok(user)
}

/// Makes a new link for an open invitation, which ends the one before. `None`: it is not open any more.
pub async fn issue_invitation(tx: &mut TenantTx, invitation: InvitationId) -> Result<Option<SecretString>, sqlx::Error> {
    let (token, tenant) = (NewToken::mint(""), tx.tenant());
    let issued = sqlx::query(
        "UPDATE invitations SET token_hash = $3
         WHERE tenant_id = $1 AND id = $2 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > now()",
    )
    .bind(tenant)
    .bind(invitation)
    .bind(&token.hash)
    .execute(&mut **tx)
    .await?;
    Ok((issued.rows_affected() == 1).then_some(token.text))
}

/// An invitation that may be accepted.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OpenInvitation {
    /// Into which business.
    pub tenant_id: TenantId,
    /// Which.
    pub id: InvitationId,
    /// Who was invited.
    pub email: String,
    /// As what.
    pub role: Role,
    /// What the business is called.
    pub tenant_name: String,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// Every open invitation of an address, the oldest first. Across tenants: where somebody is invited, is the question.
pub async fn open_invitations_of(conn: &mut PgConnection, email: &str) -> Result<Vec<OpenInvitation>, sqlx::Error> {
    sqlx::query_as(
        "SELECT i.tenant_id, i.id, i.email, i.role, t.name AS tenant_name, i.expires_at
         FROM invitations i JOIN tenants t ON t.id = i.tenant_id
         WHERE lower(i.email) = lower($1) AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now()
         ORDER BY i.id LIMIT 100",
    )
    .bind(email)
    .fetch_all(conn)
    .await
}

/// The invitation of a link. Across tenants: whose it is, is the question.
pub async fn find_invitation(db: &Db, token: &str) -> Result<Option<OpenInvitation>, sqlx::Error> {
    let mut tx = db.system().await?;
    sqlx::query_as(
        "SELECT i.tenant_id, i.id, i.email, i.role, t.name AS tenant_name, i.expires_at
         FROM invitations i JOIN tenants t ON t.id = i.tenant_id
         WHERE i.token_hash = $1 AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now()",
    )
    .bind(hash(token))
    .fetch_optional(&mut *tx)
    .await
}
