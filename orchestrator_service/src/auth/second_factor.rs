//! The second factor: codes of an authenticator app (RFC 6238), and backup codes for when the phone is gone.
//!
//! Each code opens one door: the time step of the last one is kept, and a backup code is removed when it is used.

use chrono::{DateTime, Utc};
use nexus_core::ids::TenantId;
use nexus_core::vault::{Vault, VaultError};
use rand::Rng as _;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::PgConnection;
use totp_rs::{Builder, Secret, Totp};

use super::ids::UserId;
use super::token::hash;
use super::users::User;

/// Under which kind a second factor is sealed, for the user and not for a tenant.
pub(crate) const SEALED_KIND: &str = "totp";
const BACKUP_CODES: usize = 10;
/// One step before and after: clocks of phones are off.
const SKEW: u16 = 1;

/// Why a second factor cannot be made or asked for.
#[derive(Debug, thiserror::Error)]
pub enum SecondFactorError {
    /// The stored secret does not open with this key.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The secret or the account name is not one.
    #[error("the second factor cannot be set up: {0}")]
    Setup(String),
    /// The database refused or did not answer.
    #[error("could not read or write the second factor")]
    Database(#[from] sqlx::Error),
}

/// What a person puts into their app.
#[derive(Debug)]
pub struct Enrolment {
    /// For typing.
    pub secret: SecretString,
    /// For a QR code.
    pub url: SecretString,
}

fn totp(secret: &str, account: &str) -> Result<Totp, SecondFactorError> {
    let setup = |error: String| SecondFactorError::Setup(error);
    let secret = Secret::try_from_base32(secret).map_err(|error| setup(error.to_string()))?;
    // The account name of the app may not hold a colon.
    let builder = Builder::new().with_secret(secret).with_skew(SKEW).with_account_name(account.replace(':', "_"));
    builder.with_issuer(Some("Nexus")).build().map_err(|error| setup(error.to_string()))
}

/// Begins: a new secret that does not count before it is confirmed.
pub async fn begin(conn: &mut PgConnection, vault: &Vault, user: &User) -> Result<Enrolment, SecondFactorError> {
    let secret = SecretString::from(Secret::generate().to_base32());
    let url = totp(secret.expose_secret(), &user.email)?.to_url().map_err(|error| SecondFactorError::Setup(error.to_string()))?;
    // A user's secret is sealed for the user, as a tenant's is for the tenant.
    let sealed = vault.seal(TenantId(user.id.0), SEALED_KIND, &secret)?;
    sqlx::query("UPDATE users SET totp_secret = $2, totp_last_step = NULL WHERE id = $1 AND totp_confirmed_at IS NULL")
        .bind(user.id)
        .bind(sealed.bytes)
        .execute(conn)
        .await?;
    Ok(Enrolment { secret, url: SecretString::from(url) })
}

/// Confirms with a first code. Answers the backup codes, which are never shown again; `None`: the code is not right.
pub async fn confirm(
    conn: &mut PgConnection,
    vault: &Vault,
    user: &User,
    code: &str,
    now: DateTime<Utc>,
) -> Result<Option<Vec<String>>, SecondFactorError> {
    if !accept_app_code(conn, vault, user, code, now).await? {
        return Ok(None);
    }
    let codes: Vec<String> = (0..BACKUP_CODES).map(|_| backup_code()).collect();
    let hashes: Vec<Vec<u8>> = codes.iter().map(|code| hash(&plain(code))).collect();
    sqlx::query("UPDATE users SET totp_confirmed_at = now(), backup_codes = $2, updated_at = now() WHERE id = $1")
        .bind(user.id)
        .bind(hashes)
        .execute(conn)
        .await?;
    Ok(Some(codes))
}

/// Whether this is the code of the moment or a backup code; either is used up by it.
pub async fn accept(
    conn: &mut PgConnection,
    vault: &Vault,
    user: &User,
    code: &str,
    now: DateTime<Utc>,
) -> Result<bool, SecondFactorError> {
    if accept_app_code(&mut *conn, vault, user, code, now).await? {
        return Ok(true);
    }
    let used =
        sqlx::query("UPDATE users SET backup_codes = array_remove(backup_codes, $2) WHERE id = $1 AND $2 = ANY (backup_codes)")
            .bind(user.id)
            .bind(hash(&plain(code)))
            .execute(conn)
            .await?;
    Ok(used.rows_affected() == 1)
}

async fn accept_app_code(
    conn: &mut PgConnection,
    vault: &Vault,
    user: &User,
    code: &str,
    now: DateTime<Utc>,
) -> Result<bool, SecondFactorError> {
    let Some(sealed) = &user.totp_secret else { return Ok(false) };
    let secret = vault.open(TenantId(user.id.0), SEALED_KIND, sealed)?;
    let time = u64::try_from(now.timestamp()).unwrap_or_default();
    let Some(step) = totp(secret.expose_secret(), &user.email)?.check(&plain(code), time) else { return Ok(false) };
    let used =
        sqlx::query("UPDATE users SET totp_last_step = $2 WHERE id = $1 AND (totp_last_step IS NULL OR totp_last_step < $2)")
            .bind(user.id)
            .bind(i64::try_from(step).unwrap_or(i64::MAX))
            .execute(conn)
            .await?;
    Ok(used.rows_affected() == 1)
}

/// Signing in needs no code any more.
pub async fn end(conn: &mut PgConnection, user: UserId) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE users SET totp_secret = NULL, totp_confirmed_at = NULL, totp_last_step = NULL, backup_codes = '{}', updated_at = now()
         WHERE id = $1",
    )
    .bind(user)
    .execute(conn)
    .await
    .map(drop)
}

/// Ten characters without look-alikes, fifty bits: enough under a limit of ten tries in a quarter of an hour.
fn backup_code() -> String {
    const LETTERS: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";
    let mut rng = rand::rng();
    let code: String = (0..10).map(|_| char::from(LETTERS[rng.random_range(0..LETTERS.len())])).collect();
    format!("{}-{}", &code[..5], &code[5..])
}

/// As people type it: with spaces, dashes and capitals.
fn plain(code: &str) -> String {
    code.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        let code = backup_code();
        assert_eq!(plain(&code.to_uppercase()), plain(&code.replace('-', " ")));
        assert_eq!(plain(&code).len(), 10);
    }
}
