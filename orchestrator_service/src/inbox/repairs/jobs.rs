//! Dead jobs: shown with their last error, tried again, or given up for good.

use chrono::{DateTime, Utc};
use nexus_core::ids::JobId;
use nexus_core::tenancy::TenantTx;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::inbox::InboxError;

/// A job that was given up.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct DeadJob {
    /// Which.
    #[schema(value_type = Uuid)]
    pub id: JobId,
    /// What kind of work.
    pub kind: String,
    /// How often it was tried.
    pub attempts: i32,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it was given up.
    pub finished_at: DateTime<Utc>,
}

/// The newest dead jobs before a key.
pub async fn list(
    tx: &mut TenantTx,
    kind: Option<&str>,
    before: Option<(DateTime<Utc>, Uuid)>,
    most: i64,
) -> Result<Vec<DeadJob>, InboxError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as(
        "SELECT id, kind, attempts, last_error, created_at, finished_at FROM jobs
         WHERE tenant_id = $1 AND state = 'dead' AND finished_at IS NOT NULL AND ($2::text IS NULL OR kind = $2)
           AND ($3::timestamptz IS NULL OR (finished_at, id) < ($3, $4))
         ORDER BY finished_at DESC, id DESC LIMIT $5",
    )
    .bind(tenant)
    .bind(kind)
    .bind(before.map(|(at, _)| at))
    .bind(before.map(|(_, id)| id))
    .bind(most)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows)
}

/// Which dead jobs.
#[derive(Clone, Debug)]
pub enum Which<'a> {
    /// One.
    One(JobId),
    /// All, or all of a kind.
    All(Option<&'a str>),
}

/// How many there are.
pub async fn count(tx: &mut TenantTx, kind: Option<&str>) -> Result<u64, InboxError> {
    let tenant = tx.tenant();
    let count: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM jobs WHERE tenant_id = $1 AND state = 'dead' AND ($2::text IS NULL OR kind = $2)",
    )
    .bind(tenant)
    .bind(kind)
    .fetch_one(&mut **tx)
    .await?;
    Ok(count.unsigned_abs())
}

/// Queues them again from the first try. Answers how many.
pub async fn retry(tx: &mut TenantTx, which: &Which<'_>) -> Result<u64, InboxError> {
    let (one, kind) = which.binds();
    let tenant = tx.tenant();
    let retried = sqlx::query(
        "UPDATE jobs SET state = 'queued', due_at = now(), attempts = 0, finished_at = NULL
         WHERE tenant_id = $1 AND state = 'dead' AND ($2::uuid IS NULL OR id = $2) AND ($3::text IS NULL OR kind = $3)",
    )
    .bind(tenant)
    .bind(one)
    .bind(kind)
    .execute(&mut **tx)
    .await?;
    which.found(retried.rows_affected())
}

/// Gives one up for good, with the reason where its error was.
pub async fn discard(tx: &mut TenantTx, job: JobId, reason: &str) -> Result<(), InboxError> {
    let tenant = tx.tenant();
    let discarded = sqlx::query(
        "UPDATE jobs SET state = 'done', last_error = 'discarded: ' || $3 WHERE tenant_id = $1 AND id = $2 AND state = 'dead'",
    )
    .bind(tenant)
    .bind(job)
    .bind(nexus_core::text::without_nul(reason))
    .execute(&mut **tx)
    .await?;
    Which::One(job).found(discarded.rows_affected()).map(drop)
}

impl<'a> Which<'a> {
    const fn binds(&self) -> (Option<JobId>, Option<&'a str>) {
        match self {
            Self::One(job) => (Some(*job), None),
            Self::All(kind) => (None, *kind),
        }
    }

    /// The one that is asked for must be there; of all there may be none.
    const fn found(&self, count: u64) -> Result<u64, InboxError> {
        match (self, count) {
            (Self::One(_), 0) => Err(InboxError::NotFound("dead job")),
            _ => Ok(count),
        }
    }
}
