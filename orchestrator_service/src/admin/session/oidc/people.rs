//! Whose account an identity opens: the one it opened before, else the one with its verified e-mail, else a new one for
//! somebody who is invited. An identity alone makes nobody a member.

use nexus_core::tenancy::Db;
use secrecy::SecretString;
use serde_json::json;
use sqlx::PgConnection;

use super::super::links::join;
use crate::admin::audit::{self, Change, NOTHING};
use crate::admin::origin::Origin;
use crate::auth::oidc::Identity;
use crate::auth::users::{self, NewUser, User};
use crate::auth::{Caller, SignedIn, links, session};

/// Signs somebody in, or answers `None` when nobody here is meant, or nobody who may.
pub(super) async fn sign_in(db: &Db, identity: &Identity, origin: &Origin) -> Result<Option<SecretString>, sqlx::Error> {
    let mut tx = db.system().await?;
    // Two tabs of a new person must not make two people of them.
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('oidc:' || lower($1), 0))")
        .bind(&identity.email)
        .execute(&mut *tx)
        .await?;
    let Some(user) = find(&mut tx, identity).await?.filter(|user| user.disabled_at.is_none()) else { return Ok(None) };
    let (id, token) = session::open(&mut tx, user.id, &origin.user_agent, &origin.address).await?;
    let caller = Caller::User(SignedIn { user: user.id, session: Some(id), is_superadmin: user.is_superadmin });
    let opened = Change { action: "session.opened", object_kind: "session", object_id: Some(id.0) };
    let by = json!({ "by": "oidc", "issuer": identity.issuer });
    audit::record(&mut tx, None, &caller, opened, (NOTHING, Some(&by))).await?;
    tx.commit().await?;
    Ok(Some(token))
}

async fn find(conn: &mut PgConnection, identity: &Identity) -> Result<Option<User>, sqlx::Error> {
    let known = sqlx::query_scalar(
        "UPDATE user_identities SET last_used_at = now() WHERE issuer = $1 AND subject = $2 RETURNING user_id",
    );
    if let Some(user) = known.bind(&identity.issuer).bind(&identity.subject).fetch_optional(&mut *conn).await? {
        return users::by_id(conn, user).await;
    }
    let user = match users::by_email(conn, &identity.email).await? {
        Some(user) => Some(user),
        None => welcome(conn, identity).await?,
    };
    if let Some(user) = &user {
        link(conn, identity, user).await?;
    }
    Ok(user)
}

/// Remembers that the identity is this person's, so that a later change of either e-mail does not matter.
async fn link(conn: &mut PgConnection, identity: &Identity, user: &User) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO user_identities (issuer, subject, user_id) VALUES ($1, $2, $3)")
        .bind(&identity.issuer)
        .bind(&identity.subject)
        .bind(user.id)
        .execute(&mut *conn)
        .await?;
    let caller = Caller::User(SignedIn { user: user.id, session: None, is_superadmin: user.is_superadmin });
    let linked = Change { action: "user.identity_linked", object_kind: "user", object_id: Some(user.id.0) };
    let by = json!({ "issuer": identity.issuer, "subject": identity.subject });
    audit::record(conn, None, &caller, linked, (NOTHING, Some(&by))).await
}

/// Makes an account for somebody whose address is invited, and accepts what it is invited to: the provider has verified
/// the address, as the mailed link would.
async fn welcome(conn: &mut PgConnection, identity: &Identity) -> Result<Option<User>, sqlx::Error> {
    let invitations = links::open_invitations_of(conn, &identity.email).await?;
    let Some(first) = invitations.first() else { return Ok(None) };
    let display_name = nexus_core::text::truncated(identity.name.as_deref().unwrap_or_default().trim(), 200);
    let new = NewUser { email: &first.email, display_name, password_hash: None, is_superadmin: false };
    let user = users::create(conn, new).await?;
    for invitation in &invitations {
        join(conn, invitation, user).await?;
    }
    users::by_id(conn, user).await
}
