//! Limits tries per account and per address, in Postgres, so that every replica counts the same. A refused try does not
//! count: who waits gets in again, whatever somebody else keeps trying.

use std::time::Duration;

use sqlx::{PgConnection, PgPool};

use super::token::hash;

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Signing in to one account.
    Account,
    /// Signing in from one address.
    Address,
    /// Asking for a reset mail for one account.
    ResetOfAccount,
    /// Asking for reset mails from one address.
    ResetFromAddress,
}

impl Limit {
    const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Address => "address",
            Self::ResetOfAccount => "reset_account",
            Self::ResetFromAddress => "reset_address",
        }
    }

    /// How many tries in how long.
    const fn bounds(self) -> (i64, Duration) {
        const QUARTER: Duration = Duration::from_secs(15 * 60);
        const HOUR: Duration = Duration::from_secs(60 * 60);
        match self {
            Self::Account => (10, QUARTER),
            // An office shares one address.
            Self::Address => (50, QUARTER),
            Self::ResetOfAccount => (3, HOUR),
            Self::ResetFromAddress => (20, HOUR),
        }
    }
}

/// What became of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// Go on; it has been counted.
    Allowed,
    /// Not before so many seconds.
    RefusedFor(u32),
}

/// Counts a try, or refuses it. Counting comes before trying, so a thousand at once are limited too.
pub async fn try_once(pool: &PgPool, limit: Limit, subject: &str) -> Result<Tried, sqlx::Error> {
    let (most, window) = limit.bounds();
    let subject = hash(&subject.to_lowercase());
    let mut tx = pool.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1 || encode($2, 'hex'), 0))")
        .bind(limit.name())
        .bind(&subject)
        .execute(&mut *tx)
        .await?;
    let (count, seconds): (i64, Option<f64>) = sqlx::query_as(
        "SELECT count(*), extract(epoch FROM min(attempted_at) + $3 - now())::float8 FROM login_attempts
         WHERE kind = $1 AND subject = $2 AND attempted_at > now() - $3",
    )
    .bind(limit.name())
    .bind(&subject)
    .bind(window)
    .fetch_one(&mut *tx)
    .await?;
    if count >= most {
        return Ok(Tried::RefusedFor(whole_seconds(seconds.unwrap_or_default())));
    }
    sqlx::query("INSERT INTO login_attempts (kind, subject) VALUES ($1, $2)")
        .bind(limit.name())
        .bind(&subject)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(Tried::Allowed)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped first")]
fn whole_seconds(seconds: f64) -> u32 {
    seconds.ceil().clamp(1.0, 86_400.0) as u32
}

/// Forgets the tries of a subject that has proved itself.
pub async fn forget(conn: &mut PgConnection, limit: Limit, subject: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM login_attempts WHERE kind = $1 AND subject = $2")
        .bind(limit.name())
        .bind(hash(&subject.to_lowercase()))
        .execute(conn)
        .await
        .map(drop)
}
