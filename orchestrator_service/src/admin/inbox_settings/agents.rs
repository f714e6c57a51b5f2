//! People at the inbox: whether they are available, when they work, how much they take. `/tenants/{tenant_id}/agents`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::admin::api_error::{ApiError, FieldCode};
use crate::admin::audit::{self, Change};
use crate::admin::conversations::person;
use crate::admin::etag::{ETag, IfMatch, Versioned};
use crate::admin::extract::{FieldErrors, Json, Path, Validate};
use crate::admin::guard::Awake;
use crate::admin::page::{Page, Paging};
use crate::assignment::MOST_OPEN;
use crate::assignment::agents::{self, Agent, AgentFields, Availability};
use crate::auth::TenantCaller;
use crate::state::Brain;
use crate::tools::business_hours::Week;
use nexus_core::live::{self, LiveEvent};
use serde_json::json;

impl Validate for AgentFields {
    fn validate(&self, found: &mut FieldErrors) {
        let are_hours = self.working_hours.as_ref().is_none_or(|hours| Week::read(hours).is_some());
        let shape = r#"must look like {"mon": [["09:00", "18:00"]]}, days mon to sun"#;
        found.expect(are_hours, "working_hours", FieldCode::Invalid, shape);
        let is_in_range = self.most_open.is_none_or(|most| (1..=MOST_OPEN).contains(&most));
        found.expect(is_in_range, "most_open", FieldCode::OutOfRange, "must lie between 1 and 500");
    }
}

/// Who.
#[derive(Debug, Deserialize)]
pub(super) struct AgentPath {
    user_id: Uuid,
}

/// Whether somebody takes conversations.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetAvailability {
    /// available or away.
    availability: Availability,
}

impl Validate for SetAvailability {}

/// Everybody who answers customers
#[utoipa::path(get, path = "/tenants/{tenant_id}/agents", tag = "agents", operation_id = "agents_list", params(Paging),
    responses((status = 200, body = Page<Agent>)))]
pub(super) async fn list(Awake(brain): Awake, caller: TenantCaller, paging: Paging) -> Result<axum::Json<Page<Agent>>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let rows = agents::list(&mut tx, paging.after::<Uuid>()?, paging.fetch()).await?;
    Ok(axum::Json(Page::cut(rows, &paging, |agent| agent.user_id)))
}

/// Say whether one takes conversations
///
/// Who is available gets waiting conversations by the rule of the inbox.
#[utoipa::path(put, path = "/tenants/{tenant_id}/my-availability", tag = "agents", operation_id = "agents_set_my_availability",
    request_body = SetAvailability, responses((status = 200, body = Agent)))]
pub(super) async fn set_mine(
    Awake(brain): Awake,
    caller: TenantCaller,
    Json(body): Json<SetAvailability>,
) -> Result<axum::Json<Agent>, ApiError> {
    let me = person(&caller)?;
    set_availability(&brain, &caller, me, &body).await
}

/// Say whether somebody takes conversations
#[utoipa::path(put, path = "/tenants/{tenant_id}/agents/{user_id}/availability", tag = "agents",
    operation_id = "agents_set_availability", params(("user_id" = Uuid, Path)), request_body = SetAvailability,
    responses((status = 200, body = Agent)))]
pub(super) async fn set_others(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<AgentPath>,
    Json(body): Json<SetAvailability>,
) -> Result<axum::Json<Agent>, ApiError> {
    set_availability(&brain, &caller, path.user_id, &body).await
}

/// Set when somebody works and how much they take
#[utoipa::path(put, path = "/tenants/{tenant_id}/agents/{user_id}", tag = "agents", operation_id = "agents_change",
    params(("user_id" = Uuid, Path), ("If-Match" = String, Header)), request_body = AgentFields,
    responses((status = 200, body = Agent, headers(("ETag" = String)))))]
pub(super) async fn change(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<AgentPath>,
    if_match: IfMatch,
    Json(body): Json<AgentFields>,
) -> Result<Versioned<Agent>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let before = agents::lock(&mut tx, path.user_id).await?;
    if_match.check(&versioned(before.clone()))?;
    let after = agents::set_fields(&mut tx, path.user_id, &body).await?;
    let change = Change { action: "agent.changed", object_kind: "user", object_id: Some(path.user_id) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (Some(&before.fields), Some(&after.fields))).await?;
    tx.commit().await?;
    Ok(versioned(after))
}

async fn set_availability(
    brain: &Brain,
    caller: &TenantCaller,
    user: Uuid,
    wanted: &SetAvailability,
) -> Result<axum::Json<Agent>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let before = agents::lock(&mut tx, user).await?;
    let after = agents::set_availability(&mut tx, user, wanted.availability).await?;
    let change = Change { action: "agent.availability_changed", object_kind: "user", object_id: Some(user) };
    let sides = (Some(&before.availability), Some(&after.availability));
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, sides).await?;
    tx.commit().await?;
    let data = json!({ "user_id": user, "availability": after.availability });
    live::publish(&brain.redis, &[LiveEvent { tenant: caller.tenant, kind: "agent.availability", data }]).await;
    Ok(axum::Json(after))
}

fn versioned(agent: Agent) -> Versioned<Agent> {
    Versioned(ETag::of_revision(agent.revision), agent)
}
