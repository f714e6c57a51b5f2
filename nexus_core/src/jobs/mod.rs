//! Durable work: handoff mail and whatever else must happen once, later, and not be forgotten.
//!
//! A job is claimed under a lease, worked on with no transaction open, and settled by the lease's token.

mod retry;

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;

use crate::ids::{JobId, LeaseToken, TenantId};

pub use retry::{RetrySchedule, with_jitter};

/// A job as its worker gets it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Job {
    /// Whose.
    pub tenant_id: TenantId,
    /// Which.
    pub id: JobId,
    /// What kind of work.
    pub kind: String,
    /// What to do; a versioned enum of the kind.
    pub payload: Value,
    /// How often it has been tried, this time included.
    pub attempts: i32,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// The right to settle it.
    pub lease_token: LeaseToken,
}

/// What became of one try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobOutcome {
    /// Done for good.
    Done,
    /// This part went well; the next one is due after this long. For long work in parts and for what recurs.
    Again(Duration),
    /// Try again after this long.
    RetryAfter(Duration, String),
    /// Given up: dead, and visible.
    Fail(String),
}

/// Queues a job in the caller's transaction. A second one for the same cause changes nothing.
pub async fn enqueue(
    conn: &mut PgConnection,
    tenant: TenantId,
    kind: &str,
    dedupe_key: &str,
    payload: &Value,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO jobs (tenant_id, id, kind, payload, dedupe_key) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT ON CONSTRAINT jobs_once DO NOTHING",
    )
    .bind(tenant)
    .bind(JobId::new())
    .bind(kind)
    .bind(payload)
    .bind(dedupe_key)
    .execute(conn)
    .await
    .map(drop)
}

/// Claims due jobs of any tenant, those of dead workers included. Needs a system transaction.
pub async fn claim(conn: &mut PgConnection, most: i64, lease: Duration) -> Result<Vec<Job>, sqlx::Error> {
    sqlx::query_as(
        "UPDATE jobs j SET state = 'running', attempts = attempts + 1, due_at = now() + $2, lease_token = gen_random_uuid()
         FROM (SELECT tenant_id, id FROM jobs WHERE state IN ('queued', 'running') AND due_at <= now()
               ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED) AS due
         WHERE j.tenant_id = due.tenant_id AND j.id = due.id
         RETURNING j.tenant_id, j.id, j.kind, j.payload, j.attempts, j.created_at, j.lease_token",
    )
    .bind(most)
    .bind(lease)
    .fetch_all(conn)
    .await
}

/// Records the outcome of a try. `false` means that the lease was lost and somebody else has the job.
pub async fn settle(conn: &mut PgConnection, job: &Job, outcome: &JobOutcome) -> Result<bool, sqlx::Error> {
    let (state, delay, error) = match outcome {
        JobOutcome::Done => ("done", Duration::ZERO, None),
        JobOutcome::Again(delay) => ("queued", *delay, None),
        JobOutcome::RetryAfter(delay, error) => ("queued", *delay, Some(error)),
        JobOutcome::Fail(error) => ("dead", Duration::ZERO, Some(error)),
    };
    let settled = sqlx::query(
        "UPDATE jobs SET state = $4, due_at = now() + $5, last_error = $6, lease_token = NULL,
                         finished_at = CASE WHEN $4 = 'queued' THEN NULL ELSE now() END,
                         attempts = CASE WHEN $7 THEN 0 ELSE attempts END
         WHERE tenant_id = $1 AND id = $2 AND lease_token = $3",
    )
    .bind(job.tenant_id)
    .bind(job.id)
    .bind(job.lease_token)
    .bind(state)
    .bind(delay)
    .bind(error)
    .bind(matches!(outcome, JobOutcome::Again(_)))
    .execute(conn)
    .await?;
    Ok(settled.rows_affected() == 1)
}

/// Keeps a job for another `lease` from now on, between the steps of a long one. `false` means that it is lost.
pub async fn renew(conn: &mut PgConnection, job: &Job, lease: Duration) -> Result<bool, sqlx::Error> {
    let renewed = sqlx::query("UPDATE jobs SET due_at = now() + $4 WHERE tenant_id = $1 AND id = $2 AND lease_token = $3")
        .bind(job.tenant_id)
        .bind(job.id)
        .bind(job.lease_token)
        .bind(lease)
        .execute(conn)
        .await?;
    Ok(renewed.rows_affected() == 1)
}

/// Keeps what the next part of a long job starts from; seen by whoever claims it next. `false` means that it is lost.
pub async fn advance(conn: &mut PgConnection, job: &Job, payload: &Value) -> Result<bool, sqlx::Error> {
    let kept = sqlx::query("UPDATE jobs SET payload = $4 WHERE tenant_id = $1 AND id = $2 AND lease_token = $3")
        .bind(job.tenant_id)
        .bind(job.id)
        .bind(job.lease_token)
        .bind(payload)
        .execute(conn)
        .await?;
    Ok(kept.rows_affected() == 1)
}
