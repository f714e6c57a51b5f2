//! Links from mails: a new password, and the way into a tenant.

use axum::extract::State;
use axum::http::StatusCode;
use nexus_core::ids::TenantId;
use nexus_core::tenancy::Db;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::sign_in::limit;
use crate::account_mail::{self, AccountMail};
use crate::admin::api_error::{ApiError, FieldCode, Problem};
use crate::admin::audit::{self, Change};
use crate::admin::extract::{FieldErrors, Json, Validate};
use crate::admin::guard::Awake;
use crate::admin::origin::Origin;
use crate::auth::links::{self, OpenInvitation};
use crate::auth::throttle::{self, Limit};
use crate::auth::users::{self, NewUser, User};
use crate::auth::{Caller, Role, SignedIn, UserId, password, session};
use crate::routes::AppState;

/// Who has forgotten their password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct Forgotten {
    /// Their e-mail.
    #[schema(format = Email, max_length = 254)]
    email: String,
}

impl Validate for Forgotten {
    fn validate(&self, found: &mut FieldErrors) {
        found.email("email", &self.email);
    }
}

/// A new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct NewPassword {
    /// From the link.
    #[schema(value_type = String)]
    token: SecretString,
    /// At least 10 characters.
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 200)]
    password: SecretString,
}

impl Validate for NewPassword {
    fn validate(&self, found: &mut FieldErrors) {
        check_length(found, &self.password);
    }
}

/// The token of a link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct LinkToken {
    /// From the link.
    #[schema(value_type = String)]
    token: SecretString,
}

impl Validate for LinkToken {}

/// What somebody is invited to.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct InvitationView {
    /// The business.
    tenant_name: String,
    /// Who is invited.
    email: String,
    /// As what.
    role: Role,
    /// Whether they choose a password with it; otherwise they have an account and sign in as usual.
    needs_password: bool,
}

/// Yes to an invitation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct Acceptance {
    /// From the link.
    #[schema(value_type = String)]
    token: SecretString,
    /// For those who have no account yet: at least 10 characters.
    #[schema(value_type = Option<String>, format = Password, min_length = 10, max_length = 200)]
    password: Option<SecretString>,
    /// For those who have no account yet.
    #[schema(max_length = 200)]
    display_name: Option<String>,
}

impl Validate for Acceptance {
    fn validate(&self, found: &mut FieldErrors) {
        if let Some(password) = &self.password {
            check_length(found, password);
        }
        found.longest("display_name", self.display_name.as_deref().unwrap_or_default(), 200);
    }
}

/// What can be said of a password before it is known whose it is.
fn check_length(found: &mut FieldErrors, password: &SecretString) {
    if let Some(weakness) = password::weakness(password, "") {
        found.add("password", FieldCode::Invalid, weakness);
    }
}

fn check_password(password: &SecretString, email: &str) -> Result<(), ApiError> {
    password::weakness(password, email).map_or(Ok(()), |weakness| Err(ApiError::field("password", FieldCode::Invalid, weakness)))
}

/// Ask for a mail with a link to a new password
///
/// The answer is the same whether the account exists or not.
#[utoipa::path(post, path = "/password-resets", tag = "session", operation_id = "password_reset_ask", request_body = Forgotten,
    responses((status = 202)))]
pub(super) async fn ask_for_reset(
    Awake(brain): Awake,
    origin: Origin,
    Json(forgotten): Json<Forgotten>,
) -> Result<StatusCode, ApiError> {
    let pool = brain.db.pool();
    limit(pool, Limit::ResetFromAddress, &origin.address).await?;
    limit(pool, Limit::ResetOfAccount, &forgotten.email).await?;
    let mut tx = brain.db.system().await?;
    let user = users::by_email(&mut tx, &forgotten.email).await?.filter(|user| user.disabled_at.is_none());
    if let Some(user) = user
        && let Some(tenant) = mailing_tenant(&brain.db, user.id).await?
    {
        account_mail::queue(&mut tx, tenant, AccountMail::PasswordReset { user_id: user.id }).await?;
    }
    tx.commit().await?;
    Ok(StatusCode::ACCEPTED)
}

/// Every job belongs to a tenant: one of the user's, or for the operator the oldest.
async fn mailing_tenant(db: &Db, user: UserId) -> Result<Option<TenantId>, sqlx::Error> {
    let mut tx = db.system().await?;
    sqlx::query_scalar(
        "SELECT t.id FROM tenants t LEFT JOIN memberships m ON m.tenant_id = t.id AND m.user_id = $1
         ORDER BY m.user_id IS NULL, t.created_at LIMIT 1",
    )
    .bind(user)
    .fetch_optional(&mut *tx)
    .await
}

/// Choose a new password with a link
///
/// Signs every device out.
#[utoipa::path(post, path = "/password-resets/use", tag = "session", operation_id = "password_reset_use", request_body = NewPassword,
    responses((status = 204),
        (status = 410, description = "The link is not good any more.", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn reset(
    State(state): State<AppState>,
    Awake(brain): Awake,
    Json(new): Json<NewPassword>,
) -> Result<StatusCode, ApiError> {
    let mut tx = brain.db.system().await?;
    let user =
        links::spend_reset(&mut tx, secrecy::ExposeSecret::expose_secret(&new.token)).await?.ok_or(ApiError::LinkInvalid)?;
    let user = users::by_id(&mut tx, user).await?.ok_or(ApiError::LinkInvalid)?;
    // A password that is refused leaves the link as it was.
    check_password(&new.password, &user.email)?;
    let hash = state.access.passwords.hash(&new.password).await.map_err(ApiError::internal)?;
    users::set_password(&mut tx, user.id, &hash).await?;
    session::revoke_all(&mut tx, user.id, None).await?;
    throttle::forget(&mut tx, Limit::Account, &user.email).await?;
    let caller = Caller::User(SignedIn { user: user.id, session: None, is_superadmin: user.is_superadmin });
    let changed = Change { action: "user.password_reset", object_kind: "user", object_id: Some(user.id.0) };
    audit::record(&mut tx, None, &caller, changed, (audit::NOTHING, audit::NOTHING)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a link invites to
#[utoipa::path(post, path = "/invitations/look", tag = "session", operation_id = "invitation_look", request_body = LinkToken,
    responses((status = 200, body = InvitationView),
        (status = 410, description = "The link is not good any more.", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn look_at_invitation(
    Awake(brain): Awake,
    Json(link): Json<LinkToken>,
) -> Result<axum::Json<InvitationView>, ApiError> {
    let (invitation, user) = find(&brain.db, &link.token).await?;
    let needs_password = user.is_none();
    let OpenInvitation { tenant_name, email, role, .. } = invitation;
    Ok(axum::Json(InvitationView { tenant_name, email, role, needs_password }))
}

async fn find(db: &Db, token: &SecretString) -> Result<(OpenInvitation, Option<User>), ApiError> {
    let token = secrecy::ExposeSecret::expose_secret(token);
    let invitation = links::find_invitation(db, token).await?.ok_or(ApiError::LinkInvalid)?;
    let mut conn = db.pool().acquire().await?;
    let user = users::by_email(&mut conn, &invitation.email).await?;
    Ok((invitation, user))
}

/// Accept an invitation
///
/// Whoever has no account yet chooses a password with it; sign in afterwards.
#[utoipa::path(post, path = "/invitations/accept", tag = "session", operation_id = "invitation_accept", request_body = Acceptance,
    responses((status = 204),
        (status = 410, description = "The link is not good any more.", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn accept_invitation(
    State(state): State<AppState>,
    Awake(brain): Awake,
    Json(acceptance): Json<Acceptance>,
) -> Result<StatusCode, ApiError> {
    let (invitation, user) = find(&brain.db, &acceptance.token).await?;
    let hash = match (&user, &acceptance.password) {
        // Whoever passes a link on must not get into an account that is there already, with a password or without.
        (Some(_), _) => None,
        (None, None) => return Err(ApiError::field("password", FieldCode::Missing, "must be there: this account is new")),
        (None, Some(password)) => {
            check_password(password, &invitation.email)?;
            Some(state.access.passwords.hash(password).await.map_err(ApiError::internal)?)
        }
    };
    let mut tx = brain.db.system().await?;
    let user = match user {
        Some(user) => user.id,
        None => {
            let display_name = acceptance.display_name.as_deref().unwrap_or_default().trim();
            let password_hash = hash.as_deref();
            let new = NewUser { email: &invitation.email, display_name, password_hash, is_superadmin: false };
            users::create(&mut tx, new).await?
        }
    };
    if !join(&mut tx, &invitation, user).await? {
        return Err(ApiError::LinkInvalid);
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes somebody a member of what they are invited to. `false`: the invitation is not open any more.
pub(super) async fn join(conn: &mut sqlx::PgConnection, invitation: &OpenInvitation, user: UserId) -> Result<bool, sqlx::Error> {
    let tenant = invitation.tenant_id;
    let accepted = sqlx::query(
        "UPDATE invitations SET accepted_at = now()
         WHERE tenant_id = $1 AND id = $2 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > now()",
    )
    .bind(tenant)
    .bind(invitation.id)
    .execute(&mut *conn)
    .await?;
    if accepted.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query("INSERT INTO memberships (tenant_id, user_id, role) VALUES ($1, $2, $3)")
        .bind(tenant)
        .bind(user)
        .bind(invitation.role)
        .execute(&mut *conn)
        .await?;
    let caller = Caller::User(SignedIn { user, session: None, is_superadmin: false });
    let joined = Change { action: "member.joined", object_kind: "user", object_id: Some(user.0) };
    let after = serde_json::json!({ "role": invitation.role });
    audit::record(conn, Some(tenant), &caller, joined, (audit::NOTHING, Some(&after))).await?;
    Ok(true)
}
