//! The mail about an alert: one job per supervisor, so that one whose mailbox refuses keeps nobody else from hearing.

use std::time::Duration;

use chrono::{DateTime, Utc};
use nexus_core::ids::ConversationId;
use nexus_core::jobs::{self, Job, JobOutcome, RetrySchedule, with_jitter};
use nexus_core::system_events::{self, Severity, SystemEvent};
use nexus_core::tenancy::TenantTx;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::Case;
use super::compose::{Alert, compose};
use crate::handoff::MailError;
use crate::jobs_worker::JobError;
use crate::state::Brain;

/// The kind of the job.
pub const JOB_KIND: &str = "service_level_mail";

/// What to tell whom. Stored, so fields are only ever added.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Payload {
    conversation_id: ConversationId,
    user_id: Uuid,
    target: String,
    stage: String,
    case_started_at: DateTime<Utc>,
}

/// Queues one mail for each supervisor; where there is none, for each administrator. Answers whether there was anybody.
pub(super) async fn queue(tx: &mut TenantTx, case: Case, target: &str, stage: &str) -> Result<bool, sqlx::Error> {
    let tenant = tx.tenant();
    let people: Vec<Uuid> = sqlx::query_scalar(
        "SELECT user_id FROM memberships
         WHERE tenant_id = $1 AND role = CASE
             WHEN EXISTS (SELECT FROM memberships WHERE tenant_id = $1 AND role = 'supervisor') THEN 'supervisor'
             ELSE 'administrator' END
         ORDER BY user_id",
    )
    .bind(tenant)
    .fetch_all(&mut **tx)
    .await?;
    for user in &people {
        let payload = Payload {
            conversation_id: case.conversation,
            user_id: *user,
            target: target.to_owned(),
            stage: stage.to_owned(),
            case_started_at: case.started_at,
        };
        let cause = format!("{}:{}:{target}:{stage}:{user}", case.conversation, case.started_at.timestamp_micros());
        jobs::enqueue(tx, tenant, JOB_KIND, &cause, &serde_json::to_value(payload).unwrap_or_default()).await?;
    }
    Ok(!people.is_empty())
}

/// Writes and sends one mail.
pub async fn run(brain: &Brain, job: &Job) -> Result<JobOutcome, JobError> {
    let Ok(payload) = serde_json::from_value::<Payload>(job.payload.clone()) else {
        return Ok(JobOutcome::Fail("the payload is of an unknown version".to_owned()));
    };
    let Some(mailer) = &brain.mailer else {
        return Ok(JobOutcome::Fail("no mail server is configured (SMTP_HOST)".to_owned()));
    };
    let Some(alert) = load(brain, job, &payload).await? else { return Ok(JobOutcome::Done) };
    let Some(message) = compose(&alert, job.id, mailer.from(), brain.platform_url.as_deref()) else {
        return Ok(JobOutcome::Fail("the mail cannot be built".to_owned()));
    };
    match mailer.send(message).await {
        Ok(()) => Ok(JobOutcome::Done),
        Err(error) => failed(brain, job, &payload, error).await,
    }
}

/// `None` when the person has left or the conversation is gone.
async fn load(brain: &Brain, job: &Job, payload: &Payload) -> Result<Option<Alert>, JobError> {
    // Across tenants, because people are the installation's; the tenant is named in every condition.
    let mut tx = brain.db.system().await?;
    let alert = sqlx::query_as(
        "SELECT u.email, u.language, n.name AS business, n.time_zone, a.due_at, a.target, a.stage, c.id AS conversation_id, c.tenant_id,
                coalesce(nullif(p.custom_name, ''), p.display_name) AS contact
         FROM memberships m
         JOIN users u ON u.id = m.user_id AND u.disabled_at IS NULL
         JOIN tenants n ON n.id = m.tenant_id
         JOIN service_level_alerts a ON a.tenant_id = m.tenant_id AND a.conversation_id = $3 AND a.case_started_at = $4
                                    AND a.target = $5 AND a.stage = $6
         JOIN chat_conversations c ON c.tenant_id = a.tenant_id AND c.id = a.conversation_id
         JOIN contacts p ON p.tenant_id = c.tenant_id AND p.id = c.contact_id
         WHERE m.tenant_id = $1 AND m.user_id = $2",
    )
    .bind(job.tenant_id)
    .bind(payload.user_id)
    .bind(payload.conversation_id)
    .bind(payload.case_started_at)
    .bind(&payload.target)
    .bind(&payload.stage)
    .fetch_optional(&mut *tx)
    .await?;
    Ok(alert)
}

async fn failed(brain: &Brain, job: &Job, payload: &Payload, error: MailError) -> Result<JobOutcome, JobError> {
    let detail = json!({ "job_id": job.id, "attempts": job.attempts, "class": error.class(), "error": error.to_string() });
    let mut tx = brain.db.tenant(job.tenant_id).await?;
    let (tenant, severity, conversation) = (Some(job.tenant_id), Severity::Warning, Some(payload.conversation_id));
    let event = SystemEvent { tenant, kind: "smtp_failed", severity, conversation, detail: &detail };
    system_events::record(&mut tx, event).await?;
    tx.commit().await?;
    Ok(match schedule(brain.job_retry_scale).after(job.attempts) {
        Some(delay) if !matches!(error, MailError::Refused(_)) => JobOutcome::RetryAfter(with_jitter(delay), error.to_string()),
        _ => JobOutcome::Fail(error.to_string()),
    })
}

/// An alert that comes after two hours alerts nobody.
fn schedule(scale: f64) -> RetrySchedule {
    RetrySchedule { delays: [10, 60, 300, 1_200, 3_600].map(|seconds| Duration::from_secs(seconds).mul_f64(scale)).to_vec() }
}
