//! Runs one handoff mail job: recipient after recipient, each success recorded before the next, so that a retry mails
//! nobody twice. Only a crash between the server's "yes" and our note of it can, and then under the same message id.

use std::time::Duration;

use nexus_core::jobs::{Job, JobOutcome, RetrySchedule, with_jitter};
use nexus_core::system_events::{self, Severity, SystemEvent};
use serde_json::{Value, json};

use super::compose::{Composed, compose};
use super::mailer::{MailError, Mailer};
use super::payload::{HandoffMail, RecipientState};
use super::thread;
use crate::inbox::link;
use crate::integrations::mail::{NoMailer, mailer_of};
use crate::jobs_worker::{JobError, LEASE};
use crate::state::Brain;

/// Does what can be done now and says what becomes of the job.
pub async fn run(brain: &Brain, job: &Job) -> Result<JobOutcome, JobError> {
    let Some(mut mail) = HandoffMail::read(&job.payload) else {
        return Ok(JobOutcome::Fail("the payload is of an unknown version".to_owned()));
    };
    let mut tx = brain.db.tenant(job.tenant_id).await?;
    let Some(thread) = thread::load(&mut tx, mail.conversation_id).await? else {
        return Ok(JobOutcome::Done);
    };
    tx.commit().await?;
    mail.address_to(thread.recipients.clone());
    if mail.recipients.is_empty() {
        return not_configured(brain, job, &mail, "the tenant has no handoff recipients").await;
    }
    let mailer = match mailer_of(&brain.db, &brain.vault, brain.outside.targets, job.tenant_id).await {
        Ok(own) => own.or_else(|| brain.mailer.clone()),
        Err(NoMailer::Mail(failure)) => return conclude(brain, job, &mail, Some(failure)).await,
        Err(NoMailer::Database(error)) => return Err(error.into()),
    };
    let Some(mailer) = &mailer else { return not_configured(brain, job, &mail, "SMTP_HOST is not set").await };
    let link = brain.platform_url.as_ref().map(|url| link::to_conversation(url, job.tenant_id, mail.conversation_id));
    let composed = compose(&thread, &mail.reason, link.as_deref());
    let failure = send_to_waiting(brain, job, &mut mail, mailer, &composed).await?;
    conclude(brain, job, &mail, failure).await
}

/// Mails everybody who waits. Answers the last failure.
async fn send_to_waiting(
    brain: &Brain,
    job: &Job,
    mail: &mut HandoffMail,
    mailer: &Mailer,
    composed: &Composed,
) -> Result<Option<MailError>, JobError> {
    let mut failure = None;
    for number in 0..mail.recipients.len() {
        if mail.recipients[number].state != RecipientState::Waiting {
            continue;
        }
        // Renews the lease too: one send never takes longer than a lease.
        record_progress(brain, job, mail).await?;
        let sent = match composed.to(&mail.recipients[number].address, number, job.id, mailer.from()) {
            Ok(message) => mailer.send(message).await,
            Err(_) => Err(MailError::Refused(None)),
        };
        mail.recipients[number].state = match sent {
            Ok(()) => RecipientState::Sent,
            Err(MailError::Refused(_)) => RecipientState::Refused,
            Err(_) => RecipientState::Waiting,
        };
        record_progress(brain, job, mail).await?;
        failure = sent.err().or(failure);
    }
    Ok(failure)
}

async fn record_progress(brain: &Brain, job: &Job, mail: &HandoffMail) -> Result<(), JobError> {
    let mut tx = brain.db.tenant(job.tenant_id).await?;
    let recorded = sqlx::query(
        "UPDATE jobs SET payload = $4, due_at = now() + $5
         WHERE tenant_id = $1 AND id = $2 AND lease_token = $3 AND state = 'running'",
    )
    .bind(job.tenant_id)
    .bind(job.id)
    .bind(job.lease_token)
    .bind(mail.to_json())
    .bind(LEASE)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    if recorded.rows_affected() == 1 { Ok(()) } else { Err(JobError::LeaseLost) }
}

async fn conclude(brain: &Brain, job: &Job, mail: &HandoffMail, failure: Option<MailError>) -> Result<JobOutcome, JobError> {
    let Some(failure) = failure else { return Ok(settled(mail)) };
    let count = |state| mail.recipients.iter().filter(|recipient| recipient.state == state).count();
    let detail = json!({
        "job_id": job.id, "attempts": job.attempts, "class": failure.class(), "error": failure.to_string(),
        "sent": count(RecipientState::Sent), "refused": count(RecipientState::Refused), "waiting": count(RecipientState::Waiting),
    });
    record(brain, job, mail, ("smtp_failed", Severity::Warning, &detail)).await?;
    let outcome = match schedule(brain.job_retry_scale).after(job.attempts) {
        _ if count(RecipientState::Waiting) == 0 => settled(mail),
        Some(delay) => JobOutcome::RetryAfter(with_jitter(delay), failure.to_string()),
        None => JobOutcome::Fail(failure.to_string()),
    };
    if matches!(outcome, JobOutcome::Fail(_)) {
        record(brain, job, mail, ("smtp_dead", Severity::Error, &detail)).await?;
    }
    Ok(outcome)
}

/// Nobody waits any more: done, unless somebody could not be told.
fn settled(mail: &HandoffMail) -> JobOutcome {
    match mail.recipients.iter().filter(|recipient| recipient.state == RecipientState::Refused).count() {
        0 => JobOutcome::Done,
        refused => JobOutcome::Fail(format!("the mail server refuses {refused} of {} recipients", mail.recipients.len())),
    }
}

async fn not_configured(brain: &Brain, job: &Job, mail: &HandoffMail, missing: &str) -> Result<JobOutcome, JobError> {
    let detail = json!({ "job_id": job.id, "missing": missing });
    record(brain, job, mail, ("handoff_mail_not_configured", Severity::Error, &detail)).await?;
    Ok(JobOutcome::Fail(missing.to_owned()))
}

async fn record(
    brain: &Brain,
    job: &Job,
    mail: &HandoffMail,
    (kind, severity, detail): (&str, Severity, &Value),
) -> Result<(), sqlx::Error> {
    let mut tx = brain.db.tenant(job.tenant_id).await?;
    let event = SystemEvent { tenant: Some(job.tenant_id), kind, severity, conversation: Some(mail.conversation_id), detail };
    system_events::record(&mut tx, event).await?;
    tx.commit().await
}

/// Half a minute, two, ten, thirty, and then every two hours for about a day.
fn schedule(scale: f64) -> RetrySchedule {
    let seconds = [30, 120, 600, 1_800].into_iter().chain([7_200; 11]);
    RetrySchedule { delays: seconds.map(|seconds| Duration::from_secs(seconds).mul_f64(scale)).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_last_about_a_day() {
        let total: Duration = schedule(1.0).delays.iter().sum();
        assert!((22..=25).contains(&(total.as_secs() / 3600)), "{total:?}");
        assert_eq!(schedule(0.001).after(1), Some(Duration::from_millis(30)));
    }
}
