//! Inviting people, by mail or, where no mail server is set up, by a link to pass on.

use axum::extract::State;
use axum::http::StatusCode;
use nexus_core::tenancy::TenantTx;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::account_mail::{self, AccountMail};
use crate::admin::api_error::{ApiError, ProblemCode};
use crate::admin::audit::{self, Change};
use crate::admin::extract::{FieldErrors, Json, Path, Validate};
use crate::admin::guard::Awake;
use crate::auth::token::NewToken;
use crate::auth::{InvitationId, Role, TenantCaller, links};
use crate::routes::AppState;

/// Whom to invite.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct NewInvitation {
    /// Who.
    #[schema(format = Email, max_length = 254)]
    email: String,
    /// As what.
    role: Role,
}

impl Validate for NewInvitation {
    fn validate(&self, found: &mut FieldErrors) {
        found.email("email", &self.email);
    }
}

/// An invitation on its way.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct Invited {
    /// Which.
    id: InvitationId,
    /// Whether a mail goes out; otherwise pass `link` on.
    is_mailed: bool,
    /// Only without a mail server, and only now.
    link: Option<String>,
}

/// Invite somebody
#[utoipa::path(post, path = "/tenants/{tenant_id}/invitations", tag = "members", operation_id = "invitations_create",
    request_body = NewInvitation, responses((status = 201, body = Invited)))]
pub(super) async fn invite(
    State(state): State<AppState>,
    Awake(brain): Awake,
    caller: TenantCaller,
    Json(new): Json<NewInvitation>,
) -> Result<(StatusCode, axum::Json<Invited>), ApiError> {
    let is_mailed = brain.mailer.is_some() && state.access.platform_url.is_some();
    refuse_members(&brain.db, &caller, &new.email).await?;
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let (id, token) = insert(&mut tx, &caller, &new).await?;
    if is_mailed {
        account_mail::queue(&mut tx, caller.tenant, AccountMail::Invitation { invitation_id: id }).await?;
    }
    let invited = Change { action: "member.invited", object_kind: "invitation", object_id: Some(id.0) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, invited, (audit::NOTHING, Some(&new))).await?;
    tx.commit().await?;
    let site = state.access.platform_url.as_deref().unwrap_or_default();
    let link = (!is_mailed).then(|| format!("{site}/invite/{}", token.text.expose_secret()));
    Ok((StatusCode::CREATED, axum::Json(Invited { id, is_mailed, link })))
}

async fn refuse_members(db: &nexus_core::tenancy::Db, caller: &TenantCaller, email: &str) -> Result<(), ApiError> {
    let mut tx = db.system().await?;
    let is_member: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM memberships m JOIN users u ON u.id = m.user_id
                        WHERE m.tenant_id = $1 AND lower(u.email) = lower($2))",
    )
    .bind(caller.tenant)
    .bind(email)
    .fetch_one(&mut *tx)
    .await?;
    if is_member { Err(ApiError::Conflict(ProblemCode::AlreadyMember, "they are a member already")) } else { Ok(()) }
}

async fn insert(tx: &mut TenantTx, caller: &TenantCaller, new: &NewInvitation) -> Result<(InvitationId, NewToken), ApiError> {
    let (id, token) = (InvitationId::new(), NewToken::mint(""));
    // One that has run out makes room.
    sqlx::query(
        "UPDATE invitations SET revoked_at = now()
         WHERE tenant_id = $1 AND lower(email) = lower($2) AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at <= now()",
    )
    .bind(caller.tenant)
    .bind(&new.email)
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "INSERT INTO invitations (tenant_id, id, email, role, token_hash, invited_by, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, now() + $7)",
    )
    .bind(caller.tenant)
    .bind(id)
    .bind(&new.email)
    .bind(new.role)
    .bind(&token.hash)
    .bind(caller.caller.user())
    .bind(links::INVITATION_LASTS)
    .execute(&mut **tx)
    .await?;
    Ok((id, token))
}

#[derive(Debug, Deserialize)]
pub(super) struct InvitationPath {
    invitation_id: InvitationId,
}

/// Take an invitation back
#[utoipa::path(delete, path = "/tenants/{tenant_id}/invitations/{invitation_id}", tag = "members", operation_id = "invitations_revoke",
    params(("invitation_id" = Uuid, Path)), responses((status = 204)))]
pub(super) async fn revoke(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<InvitationPath>,
) -> Result<StatusCode, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let revoked = sqlx::query(
        "UPDATE invitations SET revoked_at = now() WHERE tenant_id = $1 AND id = $2 AND accepted_at IS NULL AND revoked_at IS NULL",
    )
    .bind(caller.tenant)
    .bind(path.invitation_id)
    .execute(&mut *tx)
    .await?;
    if revoked.rows_affected() == 0 {
        return Err(ApiError::NotFound("invitation"));
    }
    let gone = Change { action: "invitation.revoked", object_kind: "invitation", object_id: Some(path.invitation_id.0) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, gone, (audit::NOTHING, audit::NOTHING)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
