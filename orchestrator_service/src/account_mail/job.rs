//! Runs one mail about an account.

use std::time::Duration;

use nexus_core::ids::JobId;
use nexus_core::jobs::{Job, JobOutcome, RetrySchedule, with_jitter};
use nexus_core::system_events::{self, Severity, SystemEvent};
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::AccountMail;
use super::compose::{Words, invitation, password_reset};
use crate::auth::{InvitationId, UserId, links, users};
use crate::handoff::MailError;
use crate::jobs_worker::JobError;
use crate::state::Brain;

/// Does what can be done now and says what becomes of the job.
pub async fn run(brain: &Brain, job: &Job) -> Result<JobOutcome, JobError> {
    let Ok(mail) = serde_json::from_value::<AccountMail>(job.payload.clone()) else {
        return Ok(JobOutcome::Fail("the payload is of an unknown version".to_owned()));
    };
    let (Some(mailer), Some(platform_url)) = (&brain.mailer, &brain.platform_url) else {
        return Ok(JobOutcome::Fail("SMTP_HOST or PLATFORM_URL is not set".to_owned()));
    };
    let written = match mail {
        AccountMail::Invitation { invitation_id } => write_invitation(brain, job, invitation_id, platform_url).await?,
        AccountMail::PasswordReset { user_id } => write_reset(brain, user_id, platform_url).await?,
    };
    let Some((recipient, words)) = written else { return Ok(JobOutcome::Done) };
    let Some(message) = words.to(&recipient, job.id, mailer.from()) else {
        return Ok(JobOutcome::Fail("the mail cannot be built".to_owned()));
    };
    match mailer.send(message).await {
        Ok(()) => Ok(JobOutcome::Done),
        Err(error) => failed(brain, job, error).await,
    }
}

async fn write_invitation(
    brain: &Brain,
    job: &Job,
    id: InvitationId,
    platform_url: &str,
) -> Result<Option<(String, Words)>, JobError> {
    let mut tx = brain.db.tenant(job.tenant_id).await?;
    let Some(token) = links::issue_invitation(&mut tx, id).await? else { return Ok(None) };
    let (email, business, language): (String, String, String) = sqlx::query_as(
        "SELECT i.email, t.name, t.language FROM invitations i JOIN tenants t ON t.id = i.tenant_id
         WHERE i.tenant_id = $1 AND i.id = $2",
    )
    .bind(job.tenant_id)
    .bind(id)
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    let link = format!("{platform_url}/invite/{}", token.expose_secret());
    Ok(Some((email, invitation(&language, &business, &link))))
}

async fn write_reset(brain: &Brain, user: UserId, platform_url: &str) -> Result<Option<(String, Words)>, JobError> {
    let mut tx = brain.db.pool().begin().await?;
    let user = users::by_id(&mut tx, user).await?.filter(|user| user.disabled_at.is_none());
    let Some(user) = user else { return Ok(None) };
    let token = links::issue_reset(&mut tx, user.id, links::RESET_LASTS).await?;
    tx.commit().await?;
    let link = format!("{platform_url}/reset/{}", token.expose_secret());
    Ok(Some((user.email, password_reset(&user.language, &link))))
}

async fn failed(brain: &Brain, job: &Job, error: MailError) -> Result<JobOutcome, JobError> {
    let job_id: JobId = job.id;
    let detail = json!({ "job_id": job_id, "attempts": job.attempts, "class": error.class(), "error": error.to_string() });
    let mut tx = brain.db.tenant(job.tenant_id).await?;
    let (tenant, severity) = (Some(job.tenant_id), Severity::Warning);
    let event = SystemEvent { tenant, kind: "smtp_failed", severity, conversation: None, detail: &detail };
    system_events::record(&mut tx, event).await?;
    tx.commit().await?;
    Ok(match schedule(brain.job_retry_scale).after(job.attempts) {
        Some(delay) if !matches!(error, MailError::Refused(_)) => JobOutcome::RetryAfter(with_jitter(delay), error.to_string()),
        _ => JobOutcome::Fail(error.to_string()),
    })
}

/// Whoever waits for such a mail asks again within the hour.
fn schedule(scale: f64) -> RetrySchedule {
    RetrySchedule { delays: [10, 30, 120, 600, 1_800].map(|seconds| Duration::from_secs(seconds).mul_f64(scale)).to_vec() }
}
