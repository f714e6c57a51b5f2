//! Makes somebody a superadmin from the command line: the way in when nobody can sign in any more.

use chrono::TimeDelta;
use nexus_core::tenancy::Db;
use secrecy::SecretString;

use super::password::{HashingFailed, Passwords, weakness};
use super::users::{self, NewUser};
use super::{links, session};

/// Whoever runs the command passes the link on by hand.
const LINK_LASTS: TimeDelta = TimeDelta::hours(24);

/// Why nobody became a superadmin.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// The password will not do.
    #[error("the password {0}")]
    Weak(&'static str),
    /// The password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashingFailed),
    /// The database refused or did not answer.
    #[error("could not write the user")]
    Database(#[from] sqlx::Error),
}

/// Creates the user or raises the one that is there. Without a password, answers the token of a link to choose one.
pub async fn make(db: &Db, email: &str, password: Option<&SecretString>) -> Result<Option<SecretString>, MakeError> {
    if let Some(weakness) = password.and_then(|password| weakness(password, email)) {
        return Err(MakeError::Weak(weakness));
    }
    let hash = match password {
        Some(password) => Some(Passwords::default().hash(password).await?),
        None => None,
    };
    let mut tx = db.system().await?;
    let user = match users::by_email(&mut tx, email).await? {
        Some(user) => user.id,
        None => users::create(&mut tx, NewUser { email, display_name: "", password_hash: None, is_superadmin: true }).await?,
    };
    sqlx::query("UPDATE users SET is_superadmin = true, disabled_at = NULL, updated_at = now() WHERE id = $1")
        .bind(user)
        .execute(&mut *tx)
        .await?;
    let token = match &hash {
        Some(hash) => {
            users::set_password(&mut tx, user, hash).await?;
            session::revoke_all(&mut tx, user, None).await?;
            None
        }
        None => Some(links::issue_reset(&mut tx, user, LINK_LASTS).await?),
    };
    tx.commit().await?;
    Ok(token)
}
