//! Parked webhook events of the whole installation, for its operator.

use axum::http::StatusCode;

use super::parked::{self, EditEvent, EventDetail, EventPath, EventQuery, ReplayEvents};
use crate::admin::api_error::ApiError;
use crate::admin::etag::{IfMatch, Versioned};
use crate::admin::extract::{Json, Path, Query};
use crate::admin::guard::Awake;
use crate::admin::page::{Page, Paging};
use crate::auth::Caller;
use crate::inbox::repairs::webhooks::{EventGroup, ParkedEvent, Replayed, Scope};

/// Parked events by reason of the installation
#[utoipa::path(get, path = "/ops/webhook-events/groups", tag = "repairs", operation_id = "ops_webhook_events_groups",
    responses((status = 200, body = Vec<EventGroup>)))]
pub(super) async fn groups(Awake(brain): Awake) -> Result<axum::Json<Vec<EventGroup>>, ApiError> {
    parked::groups(&brain, Scope::Installation).await
}

/// Parked events, newest first of the installation
#[utoipa::path(get, path = "/ops/webhook-events", tag = "repairs", operation_id = "ops_webhook_events_list",
    params(Paging, EventQuery), responses((status = 200, body = Page<ParkedEvent>)))]
pub(super) async fn list(
    Awake(brain): Awake,
    paging: Paging,
    Query(query): Query<EventQuery>,
) -> Result<axum::Json<Page<ParkedEvent>>, ApiError> {
    parked::list(&brain, Scope::Installation, &paging, query).await
}

/// One parked event with its body of the installation
#[utoipa::path(get, path = "/ops/webhook-events/{event_id}", tag = "repairs", operation_id = "ops_webhook_events_get",
    params(("event_id" = i64, Path)), responses((status = 200, body = EventDetail, headers(("ETag" = String)))))]
pub(super) async fn get(Awake(brain): Awake, Path(path): Path<EventPath>) -> Result<Versioned<EventDetail>, ApiError> {
    parked::get(&brain, Scope::Installation, &path).await
}

/// Replace the body of a parked event of the installation
#[utoipa::path(put, path = "/ops/webhook-events/{event_id}", tag = "repairs", operation_id = "ops_webhook_events_edit",
    params(("event_id" = i64, Path), ("If-Match" = String, Header)), request_body = EditEvent,
    responses((status = 200, body = EventDetail, headers(("ETag" = String)))))]
pub(super) async fn edit(
    Awake(brain): Awake,
    caller: Caller,
    Path(path): Path<EventPath>,
    if_match: IfMatch,
    Json(body): Json<EditEvent>,
) -> Result<Versioned<EventDetail>, ApiError> {
    parked::edit(&brain, Scope::Installation, &caller, &path, &if_match, &body).await
}

/// Replay one parked event of the installation
#[utoipa::path(post, path = "/ops/webhook-events/{event_id}/replay", tag = "repairs", operation_id = "ops_webhook_events_replay",
    params(("event_id" = i64, Path)), responses((status = 202)))]
pub(super) async fn replay_one(Awake(brain): Awake, caller: Caller, Path(path): Path<EventPath>) -> Result<StatusCode, ApiError> {
    parked::replay_one(&brain, Scope::Installation, &caller, &path).await
}

/// Replay all parked events of a filter of the installation
#[utoipa::path(post, path = "/ops/webhook-events/replay", tag = "repairs", operation_id = "ops_webhook_events_replay_all",
    request_body = ReplayEvents, responses((status = 200, body = Replayed)))]
pub(super) async fn replay_all(
    Awake(brain): Awake,
    caller: Caller,
    Json(body): Json<ReplayEvents>,
) -> Result<axum::Json<Replayed>, ApiError> {
    parked::replay_all(&brain, Scope::Installation, &caller, body).await
}
