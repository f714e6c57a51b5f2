//! The journal of webhook events: what a 2xx promises. Requests wait here for the commit they share with others.
//!
//! There is no artificial delay: the commit in flight is the window in which the next batch gathers.

mod committer;
mod seen;

use std::time::Duration;

use bytes::Bytes;
use nexus_core::ids::ChannelId;
use nexus_core::provider::Provider;
use tokio::sync::{mpsc, oneshot};

pub use committer::Committer;
pub use seen::Seen;

/// How many requests may wait for a commit; beyond it the answer is 503 and the provider comes back.
const QUEUE: usize = 4096;
/// How long a commit may take. A request waits for at most the one under way and its own, so Postgres gone means 503
/// within two seconds. One timer per batch, not per request.
const PATIENCE: Duration = Duration::from_millis(900);

/// One raw event to store.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Who sent it.
    pub provider: Provider,
    /// The provider's id for it.
    pub event_id: String,
    /// The channel whose URL it came in by.
    pub channel: Option<ChannelId>,
    /// Exactly as received.
    pub body: Bytes,
}

/// The events of one request, and who waits for them.
#[derive(Debug)]
pub struct Pending {
    entries: Vec<Entry>,
    stored: oneshot::Sender<bool>,
}

/// The events could not be made durable; the sender must try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event could not be stored; send it again")]
pub struct NotStored;

/// The way into the journal.
#[derive(Clone, Debug)]
pub struct Journal {
    queue: mpsc::Sender<Pending>,
}

impl Journal {
    /// A journal, and the queue its committers work off.
    #[must_use]
    pub fn new() -> (Self, mpsc::Receiver<Pending>) {
        let (queue, waiting) = mpsc::channel(QUEUE);
        (Self { queue }, waiting)
    }

    /// Returns once the events are on disk, or known to be there already.
    pub async fn append(&self, entries: Vec<Entry>) -> Result<(), NotStored> {
        let (stored, answer) = oneshot::channel();
        self.queue.try_send(Pending { entries, stored }).map_err(|_| NotStored)?;
        // A committer that has gone answers nobody.
        if answer.await == Ok(true) { Ok(()) } else { Err(NotStored) }
    }
}
