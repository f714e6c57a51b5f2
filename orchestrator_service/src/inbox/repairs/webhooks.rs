//! Parked webhook events: grouped by reason, shown, edited, replayed. To replay is to let the edge project them again.
//!
//! The journal belongs to the installation. A tenant reaches what came in by its own channels' addresses; what came in
//! by the shared address is the operator's.

use chrono::{DateTime, Utc};
use nexus_core::ids::{ChannelId, TenantId};
use nexus_core::tenancy::SystemTx;
use serde::Serialize;
use utoipa::ToSchema;

use crate::inbox::InboxError;

/// Events replayed by one request; the answer says how many are left.
const MOST_REPLAYED: i64 = 10_000;
const MOST_GROUPS: i64 = 100;
/// What the edge takes.
const MOST_BODY_BYTES: usize = 1024 * 1024;

/// Whose events.
#[derive(Clone, Copy, Debug)]
pub enum Scope {
    /// Those of a tenant's channels.
    Tenant(TenantId),
    /// Everybody's.
    Installation,
}

impl Scope {
    const fn tenant(self) -> Option<TenantId> {
        match self {
            Self::Tenant(tenant) => Some(tenant),
            Self::Installation => None,
        }
    }
}

/// Which of them.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Parked for this reason.
    pub reason: Option<String>,
    /// Sent by this provider.
    pub provider: Option<String>,
}

/// Events parked for the same reason.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct EventGroup {
    /// Why they are parked.
    pub reason: String,
    /// Who sent them.
    pub provider: String,
    /// How many.
    pub count: i64,
    /// The oldest.
    pub first_received_at: DateTime<Utc>,
    /// The newest.
    pub last_received_at: DateTime<Utc>,
}

/// One parked event without its body.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct ParkedEvent {
    /// Its place in the journal.
    pub id: i64,
    /// Who sent it.
    pub provider: String,
    /// The provider's id of it.
    pub event_id: String,
    /// The channel whose address it came in by.
    #[schema(value_type = Option<Uuid>)]
    pub channel_id: Option<ChannelId>,
    /// Why it is parked.
    pub reason: Option<String>,
    /// How often it was tried.
    pub attempts: i32,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

/// One parked event with its body.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct EventBody {
    /// The event.
    #[sqlx(flatten)]
    pub event: ParkedEvent,
    /// Exactly as received, or as edited; gone once erased.
    pub body: Option<Vec<u8>>,
}

/// Which events are in scope: $1 the tenant, or NULL for everybody's.
macro_rules! in_scope {
    () => {
        " e.state = 'parked' AND ($1::uuid IS NULL OR e.channel_id IN (SELECT id FROM channels WHERE tenant_id = $1)) "
    };
}

/// What is parked, by reason; the largest group first.
pub async fn groups(tx: &mut SystemTx, scope: Scope) -> Result<Vec<EventGroup>, InboxError> {
    let rows = sqlx::query_as(concat!(
        "SELECT coalesce(e.reason, '') AS reason, e.provider, count(*) AS count,
                min(e.received_at) AS first_received_at, max(e.received_at) AS last_received_at
         FROM webhook_events e WHERE ",
        in_scope!(),
        "GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT $2"
    ))
    .bind(scope.tenant())
    .bind(MOST_GROUPS)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows)
}

/// The newest before an id.
pub async fn list(
    tx: &mut SystemTx,
    scope: Scope,
    filter: &Filter,
    before: Option<i64>,
    most: i64,
) -> Result<Vec<ParkedEvent>, InboxError> {
    let rows = sqlx::query_as(concat!(
        "SELECT e.id, e.provider, e.event_id, e.channel_id, e.reason, e.attempts, e.received_at
         FROM webhook_events e WHERE ",
        in_scope!(),
        "AND ($2::text IS NULL OR e.reason = $2) AND ($3::text IS NULL OR e.provider = $3) AND ($4::bigint IS NULL OR e.id < $4)
         ORDER BY e.id DESC LIMIT $5"
    ))
    .bind(scope.tenant())
    .bind(filter.reason.as_deref())
    .bind(filter.provider.as_deref())
    .bind(before)
    .bind(most)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows)
}

/// One with its body, locked for a change.
pub async fn lock(tx: &mut SystemTx, scope: Scope, event: i64) -> Result<EventBody, InboxError> {
    let found = sqlx::query_as(concat!(
        "SELECT e.id, e.provider, e.event_id, e.channel_id, e.reason, e.attempts, e.received_at, e.body
         FROM webhook_events e WHERE ",
        in_scope!(),
        "AND e.id = $2 FOR UPDATE OF e"
    ))
    .bind(scope.tenant())
    .bind(event)
    .fetch_optional(&mut **tx)
    .await?;
    found.ok_or(InboxError::NotFound("parked event"))
}

/// Replaces the body of a locked one.
pub async fn edit(tx: &mut SystemTx, event: &EventBody, body: &str) -> Result<(), InboxError> {
    if body.is_empty() || body.len() > MOST_BODY_BYTES {
        return Err(InboxError::Invalid("body", "1 byte to 1 MiB"));
    }
    sqlx::query("UPDATE webhook_events SET body = $2 WHERE id = $1 AND state = 'parked'")
        .bind(event.event.id)
        .bind(body.as_bytes())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Lets the edge project one again.
pub async fn replay_one(tx: &mut SystemTx, scope: Scope, event: i64) -> Result<(), InboxError> {
    let event = lock(tx, scope, event).await?;
    if event.body.is_none() {
        return Err(InboxError::WrongState("its body was erased"));
    }
    sqlx::query("UPDATE webhook_events SET state = 'received' WHERE id = $1").bind(event.event.id).execute(&mut **tx).await?;
    Ok(())
}

/// What a replay came to, or would come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Replayed {
    /// Events that are projected again.
    pub replayed: i64,
    /// Events that have no body any more.
    pub skipped: i64,
    /// Events left for another request: one request replays ten thousand.
    pub remaining: i64,
}

/// Lets the edge project all of them again; with `is_dry_run` only counts.
pub async fn replay_all(tx: &mut SystemTx, scope: Scope, filter: &Filter, is_dry_run: bool) -> Result<Replayed, InboxError> {
    let (whole, empty): (i64, i64) = sqlx::query_as(concat!(
        "SELECT count(*) FILTER (WHERE e.body IS NOT NULL), count(*) FILTER (WHERE e.body IS NULL)
         FROM webhook_events e WHERE ",
        in_scope!(),
        "AND ($2::text IS NULL OR e.reason = $2) AND ($3::text IS NULL OR e.provider = $3)"
    ))
    .bind(scope.tenant())
    .bind(filter.reason.as_deref())
    .bind(filter.provider.as_deref())
    .fetch_one(&mut **tx)
    .await?;
    if is_dry_run {
        let replayed = whole.min(MOST_REPLAYED);
        return Ok(Replayed { replayed, skipped: empty, remaining: whole - replayed });
    }
    let done = sqlx::query(concat!(
        "UPDATE webhook_events SET state = 'received' WHERE id IN (
             SELECT e.id FROM webhook_events e WHERE ",
        in_scope!(),
        "AND ($2::text IS NULL OR e.reason = $2) AND ($3::text IS NULL OR e.provider = $3) AND e.body IS NOT NULL
             ORDER BY e.id LIMIT $4 FOR UPDATE OF e SKIP LOCKED)"
    ))
    .bind(scope.tenant())
    .bind(filter.reason.as_deref())
    .bind(filter.provider.as_deref())
    .bind(MOST_REPLAYED)
    .execute(&mut **tx)
    .await?;
    let replayed = done.rows_affected().cast_signed();
    Ok(Replayed { replayed, skipped: empty, remaining: (whole - replayed).max(0) })
}
