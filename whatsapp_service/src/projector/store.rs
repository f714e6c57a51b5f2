//! The journal's rows as the projector works them off.

use bytes::Bytes;
use nexus_core::ids::ChannelId;
use sqlx::{PgConnection, PgPool};

/// One journalled event.
#[derive(Debug, sqlx::FromRow)]
pub struct Event {
    /// Its place in the journal.
    pub id: i64,
    /// Who sent it.
    pub provider: String,
    /// The channel whose URL it came in by.
    pub channel_id: Option<ChannelId>,
    /// Exactly as received.
    pub body: Vec<u8>,
}

impl Event {
    /// The body for reading ids from it.
    pub fn bytes(&self) -> Bytes {
        Bytes::copy_from_slice(&self.body)
    }
}

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Done; the reason says why nothing had to be done, if so.
    Projected(Option<String>),
    /// A person may look at it and replay it.
    Parked(String),
}

/// Locks the next events for this transaction. Others skip them meanwhile.
pub async fn claim(conn: &mut PgConnection, most: i64) -> Result<Vec<Event>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, provider, channel_id, body FROM webhook_events WHERE state = 'received'
         ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED",
    )
    .bind(most)
    .fetch_all(conn)
    .await
}

/// Records the verdicts in the projecting transaction.
pub async fn record(conn: &mut PgConnection, verdicts: &[(i64, Verdict)]) -> Result<(), sqlx::Error> {
    let ids: Vec<i64> = verdicts.iter().map(|(id, _)| *id).collect();
    let states: Vec<&str> = verdicts.iter().map(|(_, verdict)| verdict.state()).collect();
    let reasons: Vec<Option<&str>> = verdicts.iter().map(|(_, verdict)| verdict.reason()).collect();
    sqlx::query(
        "UPDATE webhook_events e SET state = v.state, reason = v.reason, projected_at = now(), attempts = e.attempts + 1
         FROM unnest($1::bigint[], $2::text[], $3::text[]) AS v (id, state, reason) WHERE e.id = v.id AND e.state = 'received'",
    )
    .bind(ids)
    .bind(states)
    .bind(reasons)
    .execute(conn)
    .await
    .map(drop)
}

/// Parks events that the database refused to store.
pub async fn park(pool: &PgPool, ids: &[i64], reason: &str) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE webhook_events SET state = 'parked', reason = $2, attempts = attempts + 1 WHERE id = ANY ($1) AND state = 'received'",
    )
    .bind(ids)
    .bind(reason)
    .execute(pool)
    .await
    .map(drop)
}

impl Verdict {
    const fn state(&self) -> &'static str {
        match self {
            Self::Projected(_) => "projected",
            Self::Parked(_) => "parked",
        }
    }

    fn reason(&self) -> Option<&str> {
        match self {
            Self::Projected(reason) => reason.as_deref(),
            Self::Parked(reason) => Some(reason),
        }
    }
}
