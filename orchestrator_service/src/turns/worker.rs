//! The loop that takes turns: claims when something is due and a place is free, and waits without holding anything.

use std::sync::Arc;
use std::time::Duration;

use nexus_core::jobs::with_jitter;
use nexus_core::telemetry::error_chain;
use nexus_core::wake::Topic;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::claim::claim;
use super::{ClaimedTurn, due, take_turn};
use crate::state::Brain;

const AT_ONCE: usize = 16;
const SHORTEST_WAIT: Duration = Duration::from_millis(20);
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// Due turns that cannot be claimed now wait for something we may not hear of.
const LONGEST_BLOCKED_WAIT: Duration = Duration::from_millis(320);

/// Works until shutdown; turns that have begun go on.
pub async fn run(brain: Arc<Brain>, shutdown: CancellationToken) {
    let wake = Arc::new(Notify::new());
    brain.redis.notify_on(Topic::Turns, Arc::clone(&wake), shutdown.clone());
    brain.tasks.spawn(due::watch(Arc::clone(&brain), shutdown.clone()));
    let places = Arc::new(Semaphore::new(brain.turns.workers));
    let mut blocked_wait = SHORTEST_WAIT;
    // Only the waits are cut short: a claim that is cancelled half-way would cost its turns a lease.
    while !shutdown.is_cancelled() {
        let wait = match step(&brain, &wake, &places, &shutdown).await {
            Ok(Step::Claimed) => {
                blocked_wait = SHORTEST_WAIT;
                continue;
            }
            Ok(Step::NothingDueFor(wait)) => wait.clamp(SHORTEST_WAIT, LONGEST_WAIT),
            // Looked at less and less, and never more often than this however many wake-ups come.
            Ok(Step::Blocked) => {
                tokio::time::sleep(SHORTEST_WAIT).await;
                blocked_wait = (blocked_wait * 2).min(LONGEST_BLOCKED_WAIT);
                blocked_wait
            }
            Err(error) => {
                tracing::error!(error = error_chain(&error), "could not look for turns");
                tokio::time::sleep(LONGEST_WAIT).await;
                LONGEST_WAIT
            }
        };
        tokio::select! {
            () = wake.notified() => {}
            () = tokio::time::sleep(with_jitter(wait)) => {}
            () = shutdown.cancelled() => {}
        }
    }
}

/// What one look came to.
enum Step {
    Claimed,
    /// Something is due and belongs to nobody we may take it from.
    Blocked,
    NothingDueFor(Duration),
}

async fn step(
    brain: &Arc<Brain>,
    wake: &Arc<Notify>,
    places: &Arc<Semaphore>,
    shutdown: &CancellationToken,
) -> Result<Step, sqlx::Error> {
    // The cheap question first: most wake-ups announce a turn that is only due after its burst window.
    if let Some(wait) = due::time_until_due(&brain.db, LONGEST_WAIT).await? {
        return Ok(Step::NothingDueFor(wait));
    }
    let free = tokio::select! {
        free = free_places(places) => free,
        () = shutdown.cancelled() => return Ok(Step::Blocked),
    };
    let claimed = claim_into(brain, wake, free).await?;
    Ok(if claimed == 0 { Step::Blocked } else { Step::Claimed })
}

/// Waits for one free place and takes all that are free, up to a batch.
async fn free_places(places: &Arc<Semaphore>) -> Vec<OwnedSemaphorePermit> {
    let mut taken = Vec::with_capacity(AT_ONCE);
    // The semaphore is never closed.
    taken.extend(Arc::clone(places).acquire_owned().await.ok());
    while taken.len() < AT_ONCE
        && let Ok(permit) = Arc::clone(places).try_acquire_owned()
    {
        taken.push(permit);
    }
    taken
}

/// Claims at most one turn per place and sets them going. Answers how many.
async fn claim_into(brain: &Arc<Brain>, wake: &Arc<Notify>, places: Vec<OwnedSemaphorePermit>) -> Result<usize, sqlx::Error> {
    let most = i64::try_from(places.len()).unwrap_or(0);
    let claimed = claim(&brain.db, most, brain.turns.lease).await?;
    let count = claimed.len();
    for (turn, place) in claimed.into_iter().zip(places) {
        let (brain, wake) = (Arc::clone(brain), Arc::clone(wake));
        let tasks = brain.tasks.clone();
        tasks.spawn(async move {
            work(&brain, &turn).await;
            drop(place);
            // The conversation's next turn may have been waiting for this one.
            wake.notify_one();
        });
    }
    Ok(count)
}

async fn work(brain: &Brain, turn: &ClaimedTurn) {
    if let Err(error) = take_turn(brain, turn).await {
        metrics::counter!("turns_total", "outcome" => "abandoned").increment(1);
        tracing::warn!(
            tenant_id = %turn.tenant, conversation_id = %turn.conversation, turn_id = %turn.id,
            error = error_chain(&error), "a turn was left to another claim"
        );
    }
}
