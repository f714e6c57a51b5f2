//! What one screen listens to: the missed entries first, then the new ones, of all its tenants.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::stream::{self, SelectAll, Stream, StreamExt as _};
use nexus_core::ids::TenantId;
use nexus_core::live::stream_of;
use redis::AsyncTypedCommands as _;
use tokio::sync::broadcast::{self, error::RecvError};

use super::cursor::Cursor;
use super::entry::{Entry, EntryId, Heard};
use super::hub::Hub;

/// Missed entries of one tenant that are still told one by one; more is a fresh start.
const MOST_MISSED: usize = 1_000;
/// About how long a stream gets, with room for how loosely Redis trims it.
const TRIMMED_FROM: usize = 9_000;

type Heeded = Pin<Box<dyn Stream<Item = Option<Heard>> + Send>>;

/// The live events of one screen.
pub struct Feed {
    cursor: Cursor,
    /// Told before anything new.
    missed: std::vec::IntoIter<Heard>,
    new: SelectAll<Heeded>,
}

impl Feed {
    /// Listens to these tenants, from a cursor or from now on.
    pub async fn open(hub: &Hub, tenants: &[TenantId], from: Option<&Cursor>) -> Self {
        let (mut cursor, mut missed, mut new) = (Cursor::default(), Vec::new(), SelectAll::new());
        for tenant in tenants {
            // Listen first, read back second: what comes in between is heard twice and told once.
            let (receiver, position) = hub.listen(*tenant).await;
            new.push(heeded(receiver));
            match (from.and_then(|from| from.of(*tenant)), position) {
                (Some(seen), Some(_)) => match missed_since(hub, *tenant, seen).await {
                    Some(entries) => {
                        cursor.reset(*tenant, seen);
                        missed.extend(entries.into_iter().map(|entry| Heard::Entry(Arc::new(entry))));
                    }
                    None => missed.push(Heard::Resync(*tenant, position.unwrap_or_default())),
                },
                // A cursor that does not know this tenant: the screen knows nothing of it either.
                (None, Some(position)) if from.is_some() => missed.push(Heard::Resync(*tenant, position)),
                (None, Some(position)) => cursor.reset(*tenant, position),
                // Redis is away. When it is back, the reader tells everybody to start afresh.
                (_, None) => {}
            }
        }
        Self { cursor, missed: missed.into_iter(), new }
    }

    /// How far this screen has come.
    #[must_use]
    pub fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// The next event. `None` when the screen was too slow to be told everything: it comes back with its cursor.
    pub async fn next(&mut self) -> Option<Heard> {
        if let Some(heard) = self.missed.next() {
            self.note(&heard);
            return Some(heard);
        }
        loop {
            let heard = self.new.next().await??;
            if self.note(&heard) {
                return Some(heard);
            }
        }
    }

    /// Moves the cursor. Answers whether the event is news.
    fn note(&mut self, heard: &Heard) -> bool {
        match heard {
            Heard::Entry(entry) => self.cursor.advance(entry.tenant, entry.id),
            Heard::Resync(tenant, position) => {
                self.cursor.reset(*tenant, *position);
                true
            }
        }
    }
}

/// A receiver as a stream that ends with `None` when it fell behind.
fn heeded(receiver: broadcast::Receiver<Heard>) -> Heeded {
    Box::pin(stream::unfold(Some(receiver), |receiver| async {
        let mut receiver = receiver?;
        match receiver.recv().await {
            Ok(heard) => Some((Some(heard), Some(receiver))),
            Err(RecvError::Lagged(_) | RecvError::Closed) => Some((None, None)),
        }
    }))
}

/// The entries after one; `None` when some are gone, or Redis is.
async fn missed_since(hub: &Hub, tenant: TenantId, seen: EntryId) -> Option<Vec<Entry>> {
    let mut connection = hub.redis().connection().await.ok()?;
    let stream = stream_of(tenant);
    if seen == EntryId::default() {
        // Nothing was there. Nothing is gone unless the stream has been trimmed since.
        if connection.xlen(&stream).await.ok()? >= TRIMMED_FROM {
            return None;
        }
    } else {
        // The seen entry is still there, so everything after it is.
        let found = connection.xrange(&stream, seen.to_string(), seen.to_string()).await.ok()?;
        found.ids.first()?;
    }
    let after = format!("({seen}");
    let found = connection.xrange_count(&stream, after, "+", MOST_MISSED + 1).await.ok()?;
    if found.ids.len() > MOST_MISSED {
        return None;
    }
    let read = found.ids.into_iter().filter_map(|found| {
        let fields = found.map.into_iter().filter_map(|(name, value)| Some((name, redis::from_redis_value(value).ok()?)));
        Entry::read(tenant, &found.id, &fields.collect())
    });
    Some(read.collect())
}
