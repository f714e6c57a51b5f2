//! Teams: `/tenants/{tenant_id}/teams`.

use axum::http::StatusCode;
use serde::Deserialize;
use uuid::Uuid;

use crate::admin::api_error::ApiError;
use crate::admin::audit::{self, Change, NOTHING};
use crate::admin::etag::{ETag, IfMatch, Versioned};
use crate::admin::extract::{Json, Path, Validate};
use crate::admin::guard::Awake;
use crate::admin::idempotency::{Answer, Begun, Idempotent};
use crate::auth::TenantCaller;
use crate::inbox::teams::{self, Team, TeamFields};

impl Validate for TeamFields {}

/// Which team.
#[derive(Debug, Deserialize)]
pub(super) struct TeamPath {
    pub(super) team_id: Uuid,
}

/// All of them, by name
#[utoipa::path(get, path = "/tenants/{tenant_id}/teams", tag = "teams", operation_id = "teams_list",
    responses((status = 200, body = Vec<Team>)))]
pub(super) async fn list(Awake(brain): Awake, caller: TenantCaller) -> Result<axum::Json<Vec<Team>>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    Ok(axum::Json(teams::list(&mut tx).await?))
}

/// Make a team
#[utoipa::path(post, path = "/tenants/{tenant_id}/teams", tag = "teams", operation_id = "teams_create",
    params(("Idempotency-Key" = Option<String>, Header)), request_body = TeamFields, responses((status = 201, body = Team)))]
pub(super) async fn create(
    Awake(brain): Awake,
    caller: TenantCaller,
    Idempotent { body, request }: Idempotent<TeamFields>,
) -> Result<Answer, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    if let Begun::Done(answer) = request.begin(&mut tx).await? {
        return Ok(answer);
    }
    let made = teams::create(&mut tx, &body).await?;
    let change = Change { action: "team.created", object_kind: "team", object_id: Some(made.id) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (NOTHING, Some(&made))).await?;
    let answer = request.finish(&mut tx, StatusCode::CREATED, &made).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Change a team
#[utoipa::path(put, path = "/tenants/{tenant_id}/teams/{team_id}", tag = "teams", operation_id = "teams_update",
    params(("team_id" = Uuid, Path), ("If-Match" = String, Header)), request_body = TeamFields,
    responses((status = 200, body = Team, headers(("ETag" = String)))))]
pub(super) async fn update(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<TeamPath>,
    if_match: IfMatch,
    Json(body): Json<TeamFields>,
) -> Result<Versioned<Team>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let before = teams::lock(&mut tx, path.team_id).await?;
    if_match.check(&versioned(before.clone()))?;
    let after = teams::update(&mut tx, before.id, &body).await?;
    let change = Change { action: "team.changed", object_kind: "team", object_id: Some(after.id) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (Some(&before), Some(&after))).await?;
    tx.commit().await?;
    Ok(versioned(after))
}

/// Delete a team
#[utoipa::path(delete, path = "/tenants/{tenant_id}/teams/{team_id}", tag = "teams", operation_id = "teams_delete",
    params(("team_id" = Uuid, Path)), responses((status = 204)))]
pub(super) async fn delete(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<TeamPath>,
) -> Result<StatusCode, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let before = teams::lock(&mut tx, path.team_id).await?;
    teams::delete(&mut tx, before.id).await?;
    let change = Change { action: "team.deleted", object_kind: "team", object_id: Some(before.id) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (Some(&before), NOTHING)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn versioned(row: Team) -> Versioned<Team> {
    Versioned(ETag::of_revision(row.revision), row)
}
