//! Who works in a business, and who is invited to.

mod change;
mod invite;
mod list;

use nexus_core::ids::TenantId;
use serde::Deserialize;
use sqlx::PgConnection;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::api_error::{ApiError, ProblemCode};
use super::guard::Guard;
use crate::auth::{Permission, UserId};
use crate::routes::AppState;

pub(super) fn routes(guard: &Guard) -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(guard.tenant(Permission::MembersRead, routes!(list::members)))
        .routes(guard.tenant(Permission::MembersRead, routes!(list::read)))
        .routes(guard.tenant(Permission::MembersWrite, routes!(change::change_role, change::remove)))
        .routes(guard.tenant(Permission::MembersRead, routes!(list::invitations)))
        .routes(guard.tenant(Permission::MembersWrite, routes!(invite::invite)))
        .routes(guard.tenant(Permission::MembersWrite, routes!(invite::revoke)))
}

#[derive(Debug, Deserialize)]
struct MemberPath {
    user_id: UserId,
}

/// Refuses what would leave a business without anybody who can manage it. Holds until the transaction ends.
async fn keep_an_administrator(conn: &mut PgConnection, tenant: TenantId, leaving: UserId) -> Result<(), ApiError> {
    let others: Vec<UserId> = sqlx::query_scalar(
        "SELECT m.user_id FROM memberships m JOIN users u ON u.id = m.user_id
         WHERE m.tenant_id = $1 AND m.role = 'administrator' AND u.disabled_at IS NULL ORDER BY m.user_id FOR UPDATE OF m",
    )
    .bind(tenant)
    .fetch_all(conn)
    .await?;
    let is_last = others.contains(&leaving) && others.len() == 1;
    if is_last {
        return Err(ApiError::Conflict(ProblemCode::LastAdministrator, "make somebody else an administrator first"));
    }
    Ok(())
}
