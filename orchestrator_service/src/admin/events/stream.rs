//! One screen's stream of events.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse as _, Response};
use chrono::Utc;
use futures_util::stream::{self, Stream};
use nexus_core::ids::TenantId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::{Interval, MissedTickBehavior, interval};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::access;
use crate::admin::api_error::{ApiError, FieldCode};
use crate::admin::extract::{FieldErrors, Query, Validate};
use crate::admin::guard::Awake;
use crate::auth::Caller;
use crate::live::{Cursor, Feed, Heard};
use crate::state::Brain;

/// From where, and whose.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EventsQuery {
    /// The `id` of the last event seen; the header `Last-Event-ID` goes before it.
    after: Option<String>,
    /// Ids separated by commas; usually all one belongs to. Superadmins and `ADMIN_TOKEN` name those they look at.
    tenants: Option<String>,
}

impl Validate for EventsQuery {
    fn validate(&self, found: &mut FieldErrors) {
        let are_ids = self.asked().is_some();
        found.expect(are_ids, "tenants", FieldCode::Invalid, "must be ids separated by commas");
    }
}

impl EventsQuery {
    fn asked(&self) -> Option<Vec<TenantId>> {
        let ids = self.tenants.as_deref().unwrap_or_default().split(',').map(str::trim).filter(|id| !id.is_empty());
        let mut ids = ids.map(|id| Uuid::parse_str(id).ok().map(TenantId)).collect::<Option<Vec<_>>>()?;
        ids.sort();
        ids.dedup();
        Some(ids)
    }
}

/// `Last-Event-ID`, as browsers send it when they reconnect.
pub(super) struct LastEventId(Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for LastEventId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let id = parts.headers.get("last-event-id").and_then(|id| id.to_str().ok()).filter(|id| !id.is_empty());
        Ok(Self(id.map(str::to_owned)))
    }
}

/// What every event carries.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Envelope {
    /// Where to go on; opaque.
    id: String,
    /// `conversation.updated`, `message.created`, …; `heartbeat`; or `resync`: read everything of the tenant again.
    #[serde(rename = "type")]
    kind: String,
    /// Whose; null for a heartbeat.
    #[schema(value_type = Option<Uuid>)]
    tenant_id: Option<TenantId>,
    /// When.
    at: String,
    /// Ids and small facts.
    #[schema(value_type = Object)]
    data: Value,
}

/// A screen that listens.
struct Listener {
    brain: Arc<Brain>,
    who: Caller,
    asked: Vec<TenantId>,
    tenants: Vec<TenantId>,
    feed: Feed,
    heartbeat: Interval,
    recheck: Interval,
}

/// Live events, as server-sent events
///
/// Unnamed events whose data is an envelope. The stream ends when memberships change or when the screen is too slow;
/// reconnect with the last id.
#[utoipa::path(get, path = "/events", tag = "events", operation_id = "events", params(EventsQuery),
    responses((status = 200, body = Envelope, content_type = "text/event-stream")))]
pub(super) async fn events(
    Awake(brain): Awake,
    who: Caller,
    Query(query): Query<EventsQuery>,
    LastEventId(last): LastEventId,
) -> Result<Response, ApiError> {
    let asked = query.asked().unwrap_or_default();
    let tenants = access::tenants(&brain, &who, &asked).await?.ok_or(ApiError::NotSignedIn)?;
    // A cursor that cannot be read counts as one that is too old.
    let cursor = last.or(query.after).map(|text| Cursor::decode(&text).unwrap_or_default());
    let feed = Feed::open(&brain.live, &tenants, cursor.as_ref()).await;
    let pace = brain.live.pace();
    let (heartbeat, mut recheck) = (interval(pace.heartbeat), interval(pace.recheck));
    recheck.set_missed_tick_behavior(MissedTickBehavior::Delay);
    recheck.reset();
    let listener = Listener { brain, who, asked, tenants, feed, heartbeat, recheck };
    let mut response = Sse::new(told(listener)).into_response();
    // nginx would hold events back.
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

fn told(listener: Listener) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(listener, |mut listener| async {
        let envelope = listener.next().await?;
        let event = Event::default().id(&envelope.id).json_data(&envelope).ok()?;
        Some((Ok(event), listener))
    })
}

impl Listener {
    /// The next event; `None` ends the stream, and the screen comes back.
    async fn next(&mut self) -> Option<Envelope> {
        loop {
            let shutdown = self.brain.live.shutdown();
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return None,
                _ = self.recheck.tick() => {
                    let allowed = access::tenants(&self.brain, &self.who, &self.asked).await;
                    // A database that is away is no reason to go.
                    if allowed.is_ok_and(|allowed| allowed.as_ref() != Some(&self.tenants)) {
                        return None;
                    }
                }
                _ = self.heartbeat.tick() => return Some(self.envelope("heartbeat", None, json!({}))),
                heard = self.feed.next(), if !self.tenants.is_empty() => return Some(self.tell(heard?)),
            }
        }
    }

    fn tell(&self, heard: Heard) -> Envelope {
        match heard {
            Heard::Resync(tenant, _) => self.envelope("resync", Some(tenant), json!({})),
            Heard::Entry(entry) => Envelope {
                id: self.feed.cursor().encode(),
                kind: entry.kind.clone(),
                tenant_id: Some(entry.tenant),
                at: entry.at.clone(),
                data: entry.data.clone(),
            },
        }
    }

    fn envelope(&self, kind: &str, tenant_id: Option<TenantId>, data: Value) -> Envelope {
        let at = Utc::now().to_rfc3339();
        Envelope { id: self.feed.cursor().encode(), kind: kind.to_owned(), tenant_id, at, data }
    }
}
