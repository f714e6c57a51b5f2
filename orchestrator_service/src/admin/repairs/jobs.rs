//! Dead jobs.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use nexus_core::ids::JobId;
use nexus_core::wake::Topic;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::admin::api_error::ApiError;
use crate::admin::audit::{self, Change, NOTHING};
use crate::admin::extract::{FieldErrors, Json, Path, Query, Validate};
use crate::admin::guard::Awake;
use crate::admin::page::{Page, Paging};
use crate::auth::TenantCaller;
use crate::inbox::repairs::jobs::{self, DeadJob, Which};
use crate::state::Brain;

/// Which jobs.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct JobQuery {
    /// Only of this kind.
    kind: Option<String>,
}

impl Validate for JobQuery {}

/// Dead jobs, newest first
#[utoipa::path(get, path = "/tenants/{tenant_id}/dead-jobs", tag = "repairs", operation_id = "repairs_dead_jobs",
    params(Paging, JobQuery), responses((status = 200, body = Page<DeadJob>)))]
pub(super) async fn list(
    Awake(brain): Awake,
    caller: TenantCaller,
    paging: Paging,
    Query(query): Query<JobQuery>,
) -> Result<axum::Json<Page<DeadJob>>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let before = paging.after::<(DateTime<Utc>, Uuid)>()?;
    let rows = jobs::list(&mut tx, query.kind.as_deref(), before, paging.fetch()).await?;
    Ok(axum::Json(Page::cut(rows, &paging, |row| (row.finished_at, row.id.0))))
}

/// Which job.
#[derive(Debug, Deserialize)]
pub(super) struct JobPath {
    job_id: JobId,
}

/// How many jobs are tried again.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Retried {
    /// As many as this.
    retried: u64,
}

/// Try one again
#[utoipa::path(post, path = "/tenants/{tenant_id}/dead-jobs/{job_id}/retry", tag = "repairs", operation_id = "repairs_retry_job",
    params(("job_id" = Uuid, Path)), responses((status = 200, body = Retried)))]
pub(super) async fn retry_one(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<JobPath>,
) -> Result<axum::Json<Retried>, ApiError> {
    retry(&brain, &caller, &Which::One(path.job_id)).await
}

/// Which jobs to try again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RetryJobs {
    /// Only of this kind.
    kind: Option<String>,
}

impl Validate for RetryJobs {}

/// Try all of them again
#[utoipa::path(post, path = "/tenants/{tenant_id}/dead-jobs/retry", tag = "repairs", operation_id = "repairs_retry_jobs",
    request_body = RetryJobs, responses((status = 200, body = Retried)))]
pub(super) async fn retry_all(
    Awake(brain): Awake,
    caller: TenantCaller,
    Json(body): Json<RetryJobs>,
) -> Result<axum::Json<Retried>, ApiError> {
    retry(&brain, &caller, &Which::All(body.kind.as_deref())).await
}

async fn retry(brain: &Brain, caller: &TenantCaller, which: &Which<'_>) -> Result<axum::Json<Retried>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let retried = jobs::retry(&mut tx, which).await?;
    let object_id = if let Which::One(job) = which { Some(job.0) } else { None };
    let change = Change { action: "job.retried", object_kind: "job", object_id };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (NOTHING, Some(&retried))).await?;
    tx.commit().await?;
    brain.redis.wake(Topic::Jobs).await;
    Ok(axum::Json(Retried { retried }))
}

/// Why it is given up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DiscardJob {
    /// For the audit log.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S")]
    reason: String,
}

impl Validate for DiscardJob {
    fn validate(&self, found: &mut FieldErrors) {
        found.text("reason", &self.reason, 500);
    }
}

/// Give one up for good
#[utoipa::path(post, path = "/tenants/{tenant_id}/dead-jobs/{job_id}/discard", tag = "repairs",
    operation_id = "repairs_discard_job", params(("job_id" = Uuid, Path)), request_body = DiscardJob, responses((status = 204)))]
pub(super) async fn discard(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<JobPath>,
    Json(body): Json<DiscardJob>,
) -> Result<StatusCode, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    jobs::discard(&mut tx, path.job_id, &body.reason).await?;
    let change = Change { action: "job.discarded", object_kind: "job", object_id: Some(path.job_id.0) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (NOTHING, Some(&body.reason))).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
