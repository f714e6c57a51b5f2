//! Writes the waiting events of many requests with one statement and one commit.

use std::sync::Arc;

use sqlx::PgPool;
use tokio::sync::{Mutex, Notify, mpsc};

use super::{Entry, PATIENCE, Pending, Seen};

/// Larger batches do not commit faster and keep the first request waiting longer.
const MAX_REQUESTS: usize = 256;
const MAX_BYTES: usize = 1024 * 1024;

/// Smaller batches go straight to the unique constraint: asking Redis first would take longer than it spares.
const CHECK_FROM: usize = 16;

/// One of the few tasks that commit. While one waits for the disk, another gathers.
pub struct Committer {
    /// The queue, shared by all committers.
    pub waiting: Arc<Mutex<mpsc::Receiver<Pending>>>,
    /// A pool of its own, so that nothing else can starve the accept path.
    pub pool: PgPool,
    /// The duplicate check.
    pub seen: Seen,
    /// Told after every commit.
    pub projector: Arc<Notify>,
}

impl Committer {
    /// Commits until the last [`super::Journal`] is dropped.
    pub async fn run(self) {
        loop {
            let batch = self.gather().await;
            if batch.is_empty() {
                return;
            }
            self.commit(batch).await;
        }
    }

    async fn gather(&self) -> Vec<Pending> {
        let mut waiting = self.waiting.lock().await;
        let mut batch = Vec::new();
        let Some(first) = waiting.recv().await else { return batch };
        let mut bytes = first.bytes();
        batch.push(first);
        while batch.len() < MAX_REQUESTS && bytes < MAX_BYTES {
            let Ok(next) = waiting.try_recv() else { break };
            bytes += next.bytes();
            batch.push(next);
        }
        batch
    }

    async fn commit(&self, batch: Vec<Pending>) {
        let entries: Vec<&Entry> = batch.iter().flat_map(|pending| &pending.entries).collect();
        let known = if entries.len() < CHECK_FROM { vec![false; entries.len()] } else { self.seen.check(&entries).await };
        let fresh: Vec<&Entry> = entries.iter().zip(&known).filter(|(_, known)| !**known).map(|(entry, _)| *entry).collect();
        let inserted = tokio::time::timeout(PATIENCE, insert(&self.pool, &fresh)).await.unwrap_or(Err(sqlx::Error::PoolTimedOut));
        if let Err(error) = &inserted {
            tracing::error!(%error, events = fresh.len(), "webhook events could not be stored; the provider will send them again");
        }
        nexus_core::failpoint::reach("after_accept");
        let is_stored = inserted.is_ok();
        self.projector.notify_one();
        count(entries.len(), inserted.as_ref().copied().unwrap_or(0), is_stored);
        if is_stored {
            self.seen.mark(&fresh);
        }
        for pending in batch {
            // A caller that has gone needs no answer.
            let _ = pending.stored.send(is_stored);
        }
    }
}

impl Pending {
    fn bytes(&self) -> usize {
        self.entries.iter().map(|entry| entry.body.len()).sum()
    }
}

fn count(received: usize, inserted: u64, is_stored: bool) {
    let received = received as u64;
    if !is_stored {
        metrics::counter!("webhook_events_total", "outcome" => "not_stored").increment(received);
        return;
    }
    metrics::counter!("webhook_events_total", "outcome" => "stored").increment(inserted);
    metrics::counter!("webhook_events_total", "outcome" => "duplicate").increment(received.saturating_sub(inserted));
}

/// One statement, its own transaction: durable when it returns.
async fn insert(pool: &PgPool, entries: &[&Entry]) -> Result<u64, sqlx::Error> {
    if entries.is_empty() {
        return Ok(0);
    }
    let providers: Vec<&str> = entries.iter().map(|entry| entry.provider.as_str()).collect();
    let event_ids: Vec<&str> = entries.iter().map(|entry| entry.event_id.as_str()).collect();
    let channels: Vec<Option<uuid::Uuid>> = entries.iter().map(|entry| entry.channel.map(|channel| channel.0)).collect();
    let bodies: Vec<&[u8]> = entries.iter().map(|entry| entry.body.as_ref()).collect();
    let inserted = sqlx::query(
        "INSERT INTO webhook_events (provider, event_id, channel_id, body)
         SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::bytea[]) ON CONFLICT DO NOTHING",
    )
    .bind(providers)
    .bind(event_ids)
    .bind(channels)
    .bind(bodies)
    .execute(pool)
    .await?;
    Ok(inserted.rows_affected())
}
