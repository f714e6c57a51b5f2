//! Lists of members and of open invitations.

use chrono::{DateTime, Utc};
use nexus_core::ids::TenantId;
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use super::MemberPath;
use crate::admin::api_error::ApiError;
use crate::admin::etag::{ETag, Versioned};
use crate::admin::extract::Path;
use crate::admin::guard::Awake;
use crate::admin::page::{Page, Paging};
use crate::auth::{InvitationId, Role, TenantCaller, UserId};

/// Somebody who works here.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub(in crate::admin) struct Member {
    /// Who.
    pub user_id: UserId,
    /// Their e-mail.
    pub email: String,
    /// Their name.
    pub display_name: String,
    /// What they are here.
    pub role: Role,
    /// Whether signing in needs a code.
    pub has_second_factor: bool,
    /// Whether the operator has disabled their account.
    pub is_disabled: bool,
    /// When they were last seen on any device.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// Since when they work here.
    pub joined_at: DateTime<Utc>,
    /// When their role was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Member {
    pub(super) fn versioned(self) -> Versioned<Self> {
        Versioned(ETag::of_time(self.updated_at), self)
    }
}

macro_rules! select_members {
    ($rest:literal) => {
        concat!(
            "SELECT m.user_id, u.email, u.display_name, m.role, u.totp_confirmed_at IS NOT NULL AS has_second_factor,
                    u.disabled_at IS NOT NULL AS is_disabled, m.created_at AS joined_at, m.updated_at,
                    (SELECT max(s.last_seen_at) FROM sessions s WHERE s.user_id = m.user_id) AS last_seen_at
             FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.tenant_id = $1 AND ",
            $rest
        )
    };
}

/// One of them. People are the installation's, so the transaction is the system's and the tenant is named.
pub(super) async fn member(conn: &mut PgConnection, tenant: TenantId, user: UserId) -> Result<Option<Member>, sqlx::Error> {
    sqlx::query_as(select_members!("m.user_id = $2")).bind(tenant).bind(user).fetch_optional(conn).await
}

/// Somebody who works here
#[utoipa::path(get, path = "/tenants/{tenant_id}/members/{user_id}", tag = "members", operation_id = "members_read",
    params(("user_id" = Uuid, Path)), responses((status = 200, body = Member, headers(("ETag" = String)))))]
pub(super) async fn read(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<MemberPath>,
) -> Result<Versioned<Member>, ApiError> {
    let mut tx = brain.db.system().await?;
    Ok(member(&mut tx, caller.tenant, path.user_id).await?.ok_or(ApiError::NotFound("member"))?.versioned())
}

/// Who works here
#[utoipa::path(get, path = "/tenants/{tenant_id}/members", tag = "members", operation_id = "members_list", params(Paging),
    responses((status = 200, body = Page<Member>)))]
pub(super) async fn members(
    Awake(brain): Awake,
    caller: TenantCaller,
    paging: Paging,
) -> Result<axum::Json<Page<Member>>, ApiError> {
    // People are the installation's, so the unprivileged role cannot see them; the tenant is named instead.
    let mut tx = brain.db.system().await?;
    let members: Vec<Member> =
        sqlx::query_as(select_members!("($2::uuid IS NULL OR m.user_id > $2) ORDER BY m.user_id LIMIT $3"))
            .bind(caller.tenant)
            .bind(paging.after::<Uuid>()?)
            .bind(paging.fetch())
            .fetch_all(&mut *tx)
            .await?;
    Ok(axum::Json(Page::cut(members, &paging, |member| member.user_id)))
}

/// Somebody who was invited and has not answered.
#[derive(Debug, Serialize, ToSchema, sqlx::FromRow)]
pub(in crate::admin) struct Invitation {
    /// Which.
    pub id: InvitationId,
    /// Who.
    pub email: String,
    /// As what.
    pub role: Role,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Until when the link is good.
    pub expires_at: DateTime<Utc>,
}

/// Who is invited and has not answered
#[utoipa::path(get, path = "/tenants/{tenant_id}/invitations", tag = "members", operation_id = "invitations_list", params(Paging),
    responses((status = 200, body = Page<Invitation>)))]
pub(super) async fn invitations(
    Awake(brain): Awake,
    caller: TenantCaller,
    paging: Paging,
) -> Result<axum::Json<Page<Invitation>>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let invitations: Vec<Invitation> = sqlx::query_as(
        "SELECT id, email, role, created_at, expires_at FROM invitations
         WHERE tenant_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND ($2::uuid IS NULL OR id < $2)
         ORDER BY id DESC LIMIT $3",
    )
    .bind(caller.tenant)
    .bind(paging.after::<Uuid>()?)
    .bind(paging.fetch())
    .fetch_all(&mut *tx)
    .await?;
    Ok(axum::Json(Page::cut(invitations, &paging, |invitation| invitation.id)))
}
