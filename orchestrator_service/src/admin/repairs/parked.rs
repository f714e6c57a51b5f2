//! What the routes for one tenant and those for the installation have in common.

use axum::http::StatusCode;
use base64::Engine as _;
use nexus_core::tenancy::SystemTx;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::{IntoParams, ToSchema};

use crate::admin::api_error::ApiError;
use crate::admin::audit::{self, Change};
use crate::admin::etag::{ETag, IfMatch, Versioned};
use crate::admin::extract::Validate;
use crate::admin::page::{Page, Paging};
use crate::auth::Caller;
use crate::inbox::repairs::webhooks::{self, EventBody, EventGroup, Filter, ParkedEvent, Replayed, Scope};
use crate::state::Brain;

/// Which event.
#[derive(Debug, Deserialize)]
pub(super) struct EventPath {
    event_id: i64,
}

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct EventQuery {
    /// Parked for exactly this reason.
    reason: Option<String>,
    /// Sent by this provider.
    provider: Option<String>,
}

impl Validate for EventQuery {}

/// The new body.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EditEvent {
    /// At most 1 MiB.
    body: String,
}

impl Validate for EditEvent {}

/// Which events to replay.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ReplayEvents {
    /// Parked for exactly this reason.
    reason: Option<String>,
    /// Sent by this provider.
    provider: Option<String>,
    /// Only count.
    dry_run: bool,
}

impl Validate for ReplayEvents {}

/// A parked event with its body.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventDetail {
    #[serde(flatten)]
    event: ParkedEvent,
    /// Exactly as received or as edited; null when it is no text or was erased.
    body: Option<String>,
    /// The body in base64, when it is no text.
    body_base64: Option<String>,
}

/// What the audit log keeps of an edit: never a body.
#[derive(Debug, Serialize)]
struct Edited {
    event: i64,
    sha256: String,
}

pub(super) async fn groups(brain: &Brain, scope: Scope) -> Result<axum::Json<Vec<EventGroup>>, ApiError> {
    let mut tx = brain.db.system().await?;
    Ok(axum::Json(webhooks::groups(&mut tx, scope).await?))
}

pub(super) async fn list(
    brain: &Brain,
    scope: Scope,
    paging: &Paging,
    query: EventQuery,
) -> Result<axum::Json<Page<ParkedEvent>>, ApiError> {
    let filter = Filter { reason: query.reason, provider: query.provider };
    let mut tx = brain.db.system().await?;
    let rows = webhooks::list(&mut tx, scope, &filter, paging.after::<i64>()?, paging.fetch()).await?;
    Ok(axum::Json(Page::cut(rows, paging, |row| row.id)))
}

pub(super) async fn get(brain: &Brain, scope: Scope, path: &EventPath) -> Result<Versioned<EventDetail>, ApiError> {
    let mut tx = brain.db.system().await?;
    Ok(versioned(webhooks::lock(&mut tx, scope, path.event_id).await?))
}

pub(super) async fn edit(
    brain: &Brain,
    scope: Scope,
    caller: &Caller,
    path: &EventPath,
    if_match: &IfMatch,
    body: &EditEvent,
) -> Result<Versioned<EventDetail>, ApiError> {
    let mut tx = brain.db.system().await?;
    let before = webhooks::lock(&mut tx, scope, path.event_id).await?;
    let was = Edited::of(&before);
    webhooks::edit(&mut tx, &before, &body.body).await?;
    if_match.check(&versioned(before))?;
    let after = webhooks::lock(&mut tx, scope, path.event_id).await?;
    record(&mut tx, scope, caller, "webhook_event.edited", (Some(&was), Some(&Edited::of(&after)))).await?;
    tx.commit().await?;
    Ok(versioned(after))
}

pub(super) async fn replay_one(brain: &Brain, scope: Scope, caller: &Caller, path: &EventPath) -> Result<StatusCode, ApiError> {
    let mut tx = brain.db.system().await?;
    webhooks::replay_one(&mut tx, scope, path.event_id).await?;
    record(&mut tx, scope, caller, "webhook_event.replayed", (audit::NOTHING, Some(&path.event_id))).await?;
    tx.commit().await?;
    Ok(StatusCode::ACCEPTED)
}

pub(super) async fn replay_all(
    brain: &Brain,
    scope: Scope,
    caller: &Caller,
    body: ReplayEvents,
) -> Result<axum::Json<Replayed>, ApiError> {
    let filter = Filter { reason: body.reason, provider: body.provider };
    let mut tx = brain.db.system().await?;
    let replayed = webhooks::replay_all(&mut tx, scope, &filter, body.dry_run).await?;
    if !body.dry_run {
        record(&mut tx, scope, caller, "webhook_events.replayed", (audit::NOTHING, Some(&replayed))).await?;
    }
    tx.commit().await?;
    Ok(axum::Json(replayed))
}

async fn record(
    tx: &mut SystemTx,
    scope: Scope,
    caller: &Caller,
    action: &str,
    sides: (Option<&impl Serialize>, Option<&impl Serialize>),
) -> Result<(), ApiError> {
    let tenant = if let Scope::Tenant(tenant) = scope { Some(tenant) } else { None };
    // Events are numbered, not named by a UUID; their number stands in the entry.
    let change = Change { action, object_kind: "webhook_event", object_id: None };
    Ok(audit::record(tx, tenant, caller, change, sides).await?)
}

impl Edited {
    fn of(event: &EventBody) -> Self {
        Self { event: event.event.id, sha256: hex::encode(Sha256::digest(event.body.as_deref().unwrap_or_default())) }
    }
}

fn versioned(event: EventBody) -> Versioned<EventDetail> {
    // The body is what is edited, so its digest is the version.
    let digest = Sha256::digest(event.body.as_deref().unwrap_or_default());
    let version = digest.iter().take(8).fold(0_i64, |version, byte| (version << 8) | i64::from(*byte));
    let (body, body_base64) = match event.body.map(String::from_utf8) {
        None => (None, None),
        Some(Ok(text)) => (Some(text), None),
        Some(Err(error)) => (None, Some(base64::engine::general_purpose::STANDARD.encode(error.as_bytes()))),
    };
    Versioned(ETag::of_revision(version), EventDetail { event: event.event, body, body_base64 })
}
