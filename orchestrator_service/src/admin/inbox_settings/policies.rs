//! The rules of the inbox: `/tenants/{tenant_id}/inbox-policy`, and a team's own.

use axum::http::StatusCode;
use uuid::Uuid;

use super::teams::TeamPath;
use crate::admin::api_error::{ApiError, FieldCode};
use crate::admin::audit::{self, Change, NOTHING};
use crate::admin::etag::{ETag, IfMatch, Versioned};
use crate::admin::extract::{FieldErrors, Json, Path, Validate};
use crate::admin::guard::Awake;
use crate::assignment::MOST_OPEN;
use crate::auth::TenantCaller;
use crate::inbox::policies::{self, Policy, PolicyFields};
use crate::satisfaction::LONGEST_DELAY_MINUTES;
use crate::service_levels::LONGEST_MINUTES;
use crate::state::Brain;

impl Validate for PolicyFields {
    fn validate(&self, found: &mut FieldErrors) {
        let mut within = |field: &str, value: u32, least: u32, most: u32| {
            if !(least..=most).contains(&value) {
                found.add(field, FieldCode::OutOfRange, format!("must lie between {least} and {most}"));
            }
        };
        if let Some(rule) = &self.assignment {
            within("assignment.most_open", rule.most_open, 1, MOST_OPEN);
            if let Some(minutes) = rule.reassign_after_minutes {
                within("assignment.reassign_after_minutes", minutes, 1, LONGEST_MINUTES);
            }
        }
        if let Some(level) = &self.service_level {
            let targets =
                [("first_response_minutes", level.first_response_minutes), ("resolution_minutes", level.resolution_minutes)];
            for (name, minutes) in targets {
                within(&format!("service_level.{name}"), minutes.unwrap_or(1), 1, LONGEST_MINUTES);
            }
            within("service_level.warn_before_minutes", level.warn_before_minutes, 0, LONGEST_MINUTES);
        }
        if let Some(rule) = &self.satisfaction {
            within("satisfaction.delay_minutes", rule.delay_minutes, 0, LONGEST_DELAY_MINUTES);
            within("satisfaction.answer_within_hours", rule.answer_within_hours, 1, 72);
            if let Some(text) = &rule.text {
                found.text("satisfaction.text", text, 1_000);
            }
        }
    }
}

/// The rules of the business
#[utoipa::path(get, path = "/tenants/{tenant_id}/inbox-policy", tag = "inbox-policy", operation_id = "inbox_policy_read",
    responses((status = 200, body = Policy, headers(("ETag" = String)))))]
pub(super) async fn read(Awake(brain): Awake, caller: TenantCaller) -> Result<Versioned<Policy>, ApiError> {
    read_of(&brain, &caller, None).await
}

/// Set the rules of the business
#[utoipa::path(put, path = "/tenants/{tenant_id}/inbox-policy", tag = "inbox-policy", operation_id = "inbox_policy_set",
    params(("If-Match" = String, Header)), request_body = PolicyFields,
    responses((status = 200, body = Policy, headers(("ETag" = String)))))]
pub(super) async fn set(
    Awake(brain): Awake,
    caller: TenantCaller,
    if_match: IfMatch,
    Json(body): Json<PolicyFields>,
) -> Result<Versioned<Policy>, ApiError> {
    set_of(&brain, &caller, None, &if_match, &body).await
}

/// A team's own rules
#[utoipa::path(get, path = "/tenants/{tenant_id}/teams/{team_id}/inbox-policy", tag = "inbox-policy",
    operation_id = "team_inbox_policy_read", params(("team_id" = Uuid, Path)),
    responses((status = 200, body = Policy, headers(("ETag" = String)))))]
pub(super) async fn read_of_team(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<TeamPath>,
) -> Result<Versioned<Policy>, ApiError> {
    read_of(&brain, &caller, Some(path.team_id)).await
}

/// Set a team's own rules
///
/// A part that is null is as for the business.
#[utoipa::path(put, path = "/tenants/{tenant_id}/teams/{team_id}/inbox-policy", tag = "inbox-policy",
    operation_id = "team_inbox_policy_set", params(("team_id" = Uuid, Path), ("If-Match" = String, Header)),
    request_body = PolicyFields, responses((status = 200, body = Policy, headers(("ETag" = String)))))]
pub(super) async fn set_of_team(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<TeamPath>,
    if_match: IfMatch,
    Json(body): Json<PolicyFields>,
) -> Result<Versioned<Policy>, ApiError> {
    set_of(&brain, &caller, Some(path.team_id), &if_match, &body).await
}

/// Take a team's own rules away
#[utoipa::path(delete, path = "/tenants/{tenant_id}/teams/{team_id}/inbox-policy", tag = "inbox-policy",
    operation_id = "team_inbox_policy_remove", params(("team_id" = Uuid, Path)), responses((status = 204)))]
pub(super) async fn remove_of_team(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<TeamPath>,
) -> Result<StatusCode, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let before = policies::remove(&mut tx, path.team_id).await?;
    let change = Change { action: "inbox_policy.removed", object_kind: "team", object_id: Some(path.team_id) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (Some(&before.fields), NOTHING)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn read_of(brain: &Brain, caller: &TenantCaller, team: Option<Uuid>) -> Result<Versioned<Policy>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    Ok(versioned(policies::get(&mut tx, team).await?))
}

async fn set_of(
    brain: &Brain,
    caller: &TenantCaller,
    team: Option<Uuid>,
    if_match: &IfMatch,
    fields: &PolicyFields,
) -> Result<Versioned<Policy>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let before = policies::get(&mut tx, team).await?;
    if_match.check(&versioned(before.clone()))?;
    let after = policies::set(&mut tx, team, fields).await?;
    let (object_kind, object_id) = team.map_or(("tenant", caller.tenant.0), |team| ("team", team));
    let change = Change { action: "inbox_policy.changed", object_kind, object_id: Some(object_id) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (Some(&before.fields), Some(&after.fields))).await?;
    tx.commit().await?;
    Ok(versioned(after))
}

fn versioned(policy: Policy) -> Versioned<Policy> {
    Versioned(ETag::of_revision(policy.revision), policy)
}
