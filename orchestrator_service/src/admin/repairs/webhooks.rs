//! Parked webhook events of a tenant's channels.

use axum::http::StatusCode;

use super::parked::{self, EditEvent, EventDetail, EventPath, EventQuery, ReplayEvents};
use crate::admin::api_error::ApiError;
use crate::admin::etag::{IfMatch, Versioned};
use crate::admin::extract::{Json, Path, Query};
use crate::admin::guard::Awake;
use crate::admin::page::{Page, Paging};
use crate::auth::TenantCaller;
use crate::inbox::repairs::webhooks::{EventGroup, ParkedEvent, Replayed, Scope};

/// Parked events by reason
#[utoipa::path(get, path = "/tenants/{tenant_id}/parked-events/groups", tag = "repairs", operation_id = "parked_events_groups",
    responses((status = 200, body = Vec<EventGroup>)))]
pub(super) async fn groups(Awake(brain): Awake, caller: TenantCaller) -> Result<axum::Json<Vec<EventGroup>>, ApiError> {
    parked::groups(&brain, Scope::Tenant(caller.tenant)).await
}

/// Parked events, newest first
#[utoipa::path(get, path = "/tenants/{tenant_id}/parked-events", tag = "repairs", operation_id = "parked_events_list",
    params(Paging, EventQuery), responses((status = 200, body = Page<ParkedEvent>)))]
pub(super) async fn list(
    Awake(brain): Awake,
    caller: TenantCaller,
    paging: Paging,
    Query(query): Query<EventQuery>,
) -> Result<axum::Json<Page<ParkedEvent>>, ApiError> {
    parked::list(&brain, Scope::Tenant(caller.tenant), &paging, query).await
}

/// One parked event with its body
#[utoipa::path(get, path = "/tenants/{tenant_id}/parked-events/{event_id}", tag = "repairs", operation_id = "parked_events_get",
    params(("event_id" = i64, Path)), responses((status = 200, body = EventDetail, headers(("ETag" = String)))))]
pub(super) async fn get(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<EventPath>,
) -> Result<Versioned<EventDetail>, ApiError> {
    parked::get(&brain, Scope::Tenant(caller.tenant), &path).await
}

/// Replace the body of a parked event
#[utoipa::path(put, path = "/tenants/{tenant_id}/parked-events/{event_id}", tag = "repairs", operation_id = "parked_events_edit",
    params(("event_id" = i64, Path), ("If-Match" = String, Header)), request_body = EditEvent,
    responses((status = 200, body = EventDetail, headers(("ETag" = String)))))]
pub(super) async fn edit(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<EventPath>,
    if_match: IfMatch,
    Json(body): Json<EditEvent>,
) -> Result<Versioned<EventDetail>, ApiError> {
    parked::edit(&brain, Scope::Tenant(caller.tenant), &caller.caller, &path, &if_match, &body).await
}

/// Replay one parked event
#[utoipa::path(post, path = "/tenants/{tenant_id}/parked-events/{event_id}/replay", tag = "repairs", operation_id = "parked_events_replay",
    params(("event_id" = i64, Path)), responses((status = 202)))]
pub(super) async fn replay_one(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<EventPath>,
) -> Result<StatusCode, ApiError> {
    parked::replay_one(&brain, Scope::Tenant(caller.tenant), &caller.caller, &path).await
}

/// Replay all parked events of a filter
#[utoipa::path(post, path = "/tenants/{tenant_id}/parked-events/replay", tag = "repairs", operation_id = "parked_events_replay_all",
    request_body = ReplayEvents, responses((status = 200, body = Replayed)))]
pub(super) async fn replay_all(
    Awake(brain): Awake,
    caller: TenantCaller,
    Json(body): Json<ReplayEvents>,
) -> Result<axum::Json<Replayed>, ApiError> {
    parked::replay_all(&brain, Scope::Tenant(caller.tenant), &caller.caller, body).await
}
