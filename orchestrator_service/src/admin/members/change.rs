//! Changing what somebody is here, and taking them out.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::list::{Member, member};
use super::{MemberPath, keep_an_administrator};
use crate::admin::api_error::ApiError;
use crate::admin::audit::{self, Change};
use crate::admin::etag::{IfMatch, Versioned};
use crate::admin::extract::{Json, Path, Validate};
use crate::admin::guard::Awake;
use crate::auth::{Role, TenantCaller};

/// What somebody is to be.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct RoleChange {
    /// The new role.
    role: Role,
}

impl Validate for RoleChange {}

/// Change what somebody is here
#[utoipa::path(patch, path = "/tenants/{tenant_id}/members/{user_id}", tag = "members", operation_id = "members_change",
    params(("user_id" = Uuid, Path), ("If-Match" = String, Header)), request_body = RoleChange,
    responses((status = 200, body = Member, headers(("ETag" = String)))))]
pub(super) async fn change_role(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<MemberPath>,
    if_match: IfMatch,
    Json(change): Json<RoleChange>,
) -> Result<Versioned<Member>, ApiError> {
    let (tenant, user) = (caller.tenant, path.user_id);
    let mut tx = brain.db.system().await?;
    if change.role != Role::Administrator {
        keep_an_administrator(&mut tx, tenant, user).await?;
    }
    sqlx::query("SELECT FROM memberships WHERE tenant_id = $1 AND user_id = $2 FOR UPDATE")
        .bind(tenant)
        .bind(user)
        .execute(&mut *tx)
        .await?;
    let before = member(&mut tx, tenant, user).await?.ok_or(ApiError::NotFound("member"))?.versioned();
    if_match.check(&before)?;
    sqlx::query(
        "UPDATE memberships SET role = $3, updated_at = greatest(now(), updated_at + interval '1 microsecond')
         WHERE tenant_id = $1 AND user_id = $2",
    )
    .bind(tenant)
    .bind(user)
    .bind(change.role)
    .execute(&mut *tx)
    .await?;
    let after = member(&mut tx, tenant, user).await?.ok_or(ApiError::NotFound("member"))?;
    let changed = Change { action: "member.role_changed", object_kind: "user", object_id: Some(user.0) };
    audit::record(&mut tx, Some(tenant), &caller.caller, changed, (Some(&RoleChange { role: before.1.role }), Some(&change)))
        .await?;
    tx.commit().await?;
    Ok(after.versioned())
}

/// Take somebody out of the business
#[utoipa::path(delete, path = "/tenants/{tenant_id}/members/{user_id}", tag = "members", operation_id = "members_remove",
    params(("user_id" = Uuid, Path)), responses((status = 204)))]
pub(super) async fn remove(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<MemberPath>,
) -> Result<StatusCode, ApiError> {
    let mut tx = brain.db.system().await?;
    keep_an_administrator(&mut tx, caller.tenant, path.user_id).await?;
    let removed = sqlx::query("DELETE FROM memberships WHERE tenant_id = $1 AND user_id = $2")
        .bind(caller.tenant)
        .bind(path.user_id)
        .execute(&mut *tx)
        .await?;
    if removed.rows_affected() == 0 {
        return Err(ApiError::NotFound("member"));
    }
    let gone = Change { action: "member.removed", object_kind: "user", object_id: Some(path.user_id.0) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, gone, (audit::NOTHING, audit::NOTHING)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
