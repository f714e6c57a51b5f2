//! Runs durable work: claims under a lease, works with no transaction open, settles by the lease's token.

use std::sync::Arc;
use std::time::{Duration, Instant};

use nexus_core::jobs::{self, Job, JobOutcome, with_jitter};
use nexus_core::telemetry::error_chain;
use nexus_core::wake::Topic;
use tokio::sync::Notify;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::state::Brain;
use crate::{account_mail, handoff, service_levels, templates};

/// Longer than any single step of a job; a job that has many renews it between them.
pub const LEASE: Duration = Duration::from_secs(60);
const AT_ONCE: usize = 8;
/// A wake-up may be lost, and a retry falls due without one.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Why a job could not be carried on by this worker; another claim takes it up.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Another worker has it now.
    #[error("the job's lease was lost")]
    LeaseLost,
    /// The database refused or did not answer.
    #[error("could not read or write the job")]
    Database(#[from] sqlx::Error),
}

/// Works until shutdown. Jobs run side by side, and a long one holds up nobody but its own place.
pub async fn run(brain: Arc<Brain>, shutdown: CancellationToken) {
    let wake = Arc::new(Notify::new());
    brain.redis.notify_on(Topic::Jobs, Arc::clone(&wake), shutdown.clone());
    let mut running = JoinSet::new();
    while !shutdown.is_cancelled() {
        let free = AT_ONCE - running.len();
        match claim(&brain, free).await {
            Ok(claimed) => claimed.into_iter().for_each(|job| spawn(&mut running, &brain, job)),
            Err(error) => tracing::error!(error = error_chain(&error), "could not claim jobs"),
        }
        let has_room = running.len() < AT_ONCE;
        tokio::select! {
            () = wake.notified(), if has_room => {}
            () = tokio::time::sleep(with_jitter(LOOK_EVERY)), if has_room => {}
            Some(ended) = running.join_next() => note_panic(ended),
            () = shutdown.cancelled() => {}
        }
    }
    while let Some(ended) = running.join_next().await {
        note_panic(ended);
    }
}

/// Claims what is due and works through it side by side. Answers how many there were.
pub async fn work_once(brain: &Brain) -> Result<u64, sqlx::Error> {
    let claimed = claim(brain, AT_ONCE).await?;
    let works = claimed.iter().map(|job| work(brain, job));
    futures_util::future::join_all(works).await;
    Ok(claimed.len() as u64)
}

async fn claim(brain: &Brain, most: usize) -> Result<Vec<Job>, sqlx::Error> {
    if most == 0 {
        return Ok(Vec::new());
    }
    let mut tx = brain.db.system().await?;
    let claimed = jobs::claim(&mut tx, most as i64, LEASE).await?;
    tx.commit().await?;
    Ok(claimed)
}

fn spawn(running: &mut JoinSet<()>, brain: &Arc<Brain>, job: Job) {
    let brain = Arc::clone(brain);
    running.spawn(async move { work(&brain, &job).await });
}

/// A job that panicked keeps its lease until it ends, and is then claimed again.
fn note_panic(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(error = error_chain(&error), "a job's worker panicked");
    }
}

async fn work(brain: &Brain, job: &Job) {
    let started = Instant::now();
    let outcome = match perform(brain, job).await {
        Ok(outcome) => name(&outcome),
        Err(error) => {
            tracing::warn!(tenant_id = %job.tenant_id, job_id = %job.id, error = error_chain(&error), "a job was left to another claim");
            "abandoned"
        }
    };
    metrics::counter!("jobs_total", "kind" => known_kind(&job.kind), "outcome" => outcome).increment(1);
    tracing::info!(tenant_id = %job.tenant_id, job_id = %job.id, outcome, attempts = job.attempts, ms = started.elapsed().as_millis(), "job");
}

async fn perform(brain: &Brain, job: &Job) -> Result<JobOutcome, JobError> {
    let outcome = match job.kind.as_str() {
        handoff::JOB_KIND => handoff::run(brain, job).await?,
        account_mail::JOB_KIND => account_mail::run(brain, job).await?,
        service_levels::JOB_KIND => service_levels::run(brain, job).await?,
        templates::jobs::SYNC => templates::jobs::sync(brain, job).await?,
        templates::jobs::PUSH => templates::jobs::push(brain, job).await?,
        _ => JobOutcome::Fail("no worker of this build knows this kind of job".to_owned()),
    };
    let mut tx = brain.db.tenant(job.tenant_id).await?;
    if !jobs::settle(&mut tx, job, &outcome).await? {
        return Err(JobError::LeaseLost);
    }
    tx.commit().await?;
    Ok(outcome)
}

const fn name(outcome: &JobOutcome) -> &'static str {
    match outcome {
        JobOutcome::Done => "done",
        JobOutcome::Again(_) => "again",
        JobOutcome::RetryAfter(..) => "retry",
        JobOutcome::Fail(_) => "dead",
    }
}

/// Labels are bounded, whatever stands in the table.
fn known_kind(kind: &str) -> &'static str {
    match kind {
        handoff::JOB_KIND => handoff::JOB_KIND,
        account_mail::JOB_KIND => account_mail::JOB_KIND,
        service_levels::JOB_KIND => service_levels::JOB_KIND,
        templates::jobs::SYNC => templates::jobs::SYNC,
        templates::jobs::PUSH => templates::jobs::PUSH,
        _ => "unknown",
    }
}
