//! Sessions in Postgres. The token in the cookie is renewed as it is used, so that a stolen one does not last; the old
//! one stays good until the new one has been seen, because an answer may be lost on its way to a phone.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use sqlx::{PgConnection, PgPool};

use super::ids::{SessionId, UserId};
use super::token::{NewToken, hash};

/// A token is renewed when it is used this long after it was made.
const ROTATE_AFTER: TimeDelta = TimeDelta::minutes(15);
/// How long the old token serves requests that were on their way when the new one came into use.
const GRACE: TimeDelta = TimeDelta::seconds(60);
/// A device that is not used this long is signed out.
const IDLE: TimeDelta = TimeDelta::days(14);
/// A device is signed out after this long, whatever it does.
pub const LONGEST: TimeDelta = TimeDelta::days(60);

const LONGEST_USER_AGENT: usize = 300;

/// What the database says about a token.
#[derive(Debug, sqlx::FromRow)]
struct Found {
    id: SessionId,
    user_id: UserId,
    is_superadmin: bool,
    is_newest: bool,
    has_previous: bool,
    previous_expires_at: Option<DateTime<Utc>>,
    rotated_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    now: DateTime<Utc>,
}

/// A session that is good.
#[derive(Clone, Debug)]
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// Whether they run the installation.
    pub is_superadmin: bool,
    /// Set the cookie to this, if it is there.
    pub renewed: Option<SecretString>,
}

/// Signs a device in. Answers its first token.
pub async fn open(
    conn: &mut PgConnection,
    user: UserId,
    user_agent: &str,
    address: &str,
) -> Result<(SessionId, SecretString), sqlx::Error> {
    let (id, token) = (SessionId::new(), NewToken::mint(""));
    sqlx::query(
        "INSERT INTO sessions (id, user_id, token_hash, expires_at, user_agent, address)
         VALUES ($1, $2, $3, now() + $4, $5, $6)",
    )
    .bind(id)
    .bind(user)
    .bind(&token.hash)
    .bind(LONGEST)
    .bind(nexus_core::text::truncated(user_agent, LONGEST_USER_AGENT))
    .bind(address)
    .execute(conn)
    .await?;
    Ok((id, token.text))
}

/// Recognises a token, and renews it when it is time.
pub async fn recognise(pool: &PgPool, token: &str) -> Result<Option<Session>, sqlx::Error> {
    let hashed = hash(token);
    let found: Option<Found> = sqlx::query_as(
        "SELECT s.id, s.user_id, u.is_superadmin, s.token_hash = $1 AS is_newest,
                s.previous_token_hash IS NOT NULL AS has_previous, s.previous_expires_at, s.rotated_at, s.last_seen_at, now() AS now
         FROM sessions s JOIN users u ON u.id = s.user_id
         WHERE (s.token_hash = $1 OR s.previous_token_hash = $1) AND s.revoked_at IS NULL AND u.disabled_at IS NULL
           AND s.expires_at > now() AND s.last_seen_at > now() - $2",
    )
    .bind(&hashed)
    .bind(IDLE)
    .fetch_optional(pool)
    .await?;
    let Some(found) = found else { return Ok(None) };
    if !found.is_newest && found.previous_expires_at.is_some_and(|end| end <= found.now) {
        return Ok(None);
    }
    touch(pool, &found).await?;
    let renewed = renew(pool, &found, &hashed).await?;
    Ok(Some(Session { id: found.id, user: found.user_id, is_superadmin: found.is_superadmin, renewed }))
}

/// Notes that the device is in use, at most once a minute, and ends the old token once the new one has been seen.
async fn touch(pool: &PgPool, found: &Found) -> Result<(), sqlx::Error> {
    let ends_previous = found.is_newest && found.has_previous && found.previous_expires_at.is_none();
    if !ends_previous && found.now - found.last_seen_at < TimeDelta::minutes(1) {
        return Ok(());
    }
    sqlx::query(
        "UPDATE sessions SET last_seen_at = now(),
                previous_expires_at = CASE WHEN $2 THEN now() + $3 ELSE previous_expires_at END WHERE id = $1",
    )
    .bind(found.id)
    .bind(ends_previous)
    .bind(GRACE)
    .execute(pool)
    .await
    .map(drop)
}

async fn renew(pool: &PgPool, found: &Found, presented: &[u8]) -> Result<Option<SecretString>, sqlx::Error> {
    let age = found.now - found.rotated_at;
    // The old token is still in use a minute after the new one was made: the answer that carried it was lost.
    let was_lost = !found.is_newest && found.previous_expires_at.is_none() && age > GRACE;
    if !(found.is_newest && age > ROTATE_AFTER || was_lost) {
        return Ok(None);
    }
    let token = NewToken::mint("");
    // Of requests that come together one renews; the others go on with the token they have.
    let renewed = sqlx::query(
        "UPDATE sessions SET token_hash = $3, rotated_at = now(), previous_token_hash = $2, previous_expires_at = NULL
         WHERE id = $1 AND rotated_at = $4",
    )
    .bind(found.id)
    .bind(presented)
    .bind(&token.hash)
    .bind(found.rotated_at)
    .execute(pool)
    .await?;
    Ok((renewed.rows_affected() == 1).then_some(token.text))
}

/// Signs one device of a user out. `false`: they have no such device.
pub async fn revoke(conn: &mut PgConnection, user: UserId, session: SessionId) -> Result<bool, sqlx::Error> {
    let revoked = sqlx::query("UPDATE sessions SET revoked_at = now() WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL")
        .bind(session)
        .bind(user)
        .execute(conn)
        .await?;
    Ok(revoked.rows_affected() == 1)
}

/// Signs every device of a user out, but perhaps one.
pub async fn revoke_all(conn: &mut PgConnection, user: UserId, but: Option<SessionId>) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE sessions SET revoked_at = now() WHERE user_id = $1 AND revoked_at IS NULL AND id IS DISTINCT FROM $2")
        .bind(user)
        .bind(but)
        .execute(conn)
        .await
        .map(drop)
}
