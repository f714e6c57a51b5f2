//! Tells the provider of one change. Name and language are its identity there, so a call whose answer was lost is made
//! again: one that is there already is ours, one that is gone already is gone.

use nexus_core::jobs::{Job, JobOutcome};
use nexus_core::live::{self, LiveEvent};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::Template;
use super::jobs::{again, line, provider};
use super::provider::{Provider, ProviderError};
use super::store::{self, Read};
use crate::inbox::InboxError;
use crate::jobs_worker::JobError;
use crate::state::Brain;

#[derive(Deserialize)]
struct Payload {
    template_id: Uuid,
}

/// What the provider made of it.
enum Told {
    Took(Box<Read>),
    Gone,
}

/// Does what can be done now and says what becomes of the job.
pub async fn run(brain: &Brain, job: &Job) -> Result<JobOutcome, JobError> {
    let Ok(Payload { template_id }) = serde_json::from_value(job.payload.clone()) else {
        return Ok(JobOutcome::Fail("the payload is of an unknown version".to_owned()));
    };
    let Some(template) = find(brain, job, template_id).await? else { return Ok(JobOutcome::Done) };
    let Some(change) = template.pending_change.clone() else { return Ok(JobOutcome::Done) };
    let Some(line) = line(brain, job.tenant_id, template.channel_id).await? else {
        return refused(brain, job, &template, "the channel is gone or has no API key").await;
    };
    let told = async {
        let provider = provider(brain, &line)?;
        let account = match template.waba_id.as_str() {
            "" => provider.account_of(&line.number).await?.ok_or(ProviderError::NotThere)?,
            known => known.to_owned(),
        };
        tell(&provider, &account, &template, &change).await
    };
    match told.await {
        Ok(told) => took(brain, job, &template, told).await,
        Err(ProviderError::Unavailable(why)) => Ok(again(brain, job, why)),
        Err(error) => refused(brain, job, &template, &error.to_string()).await,
    }
}

async fn find(brain: &Brain, job: &Job, template: Uuid) -> Result<Option<Template>, JobError> {
    let mut tx = brain.db.tenant(job.tenant_id).await?;
    match store::lock(&mut tx, template).await {
        Ok(template) => Ok(Some(template)),
        Err(InboxError::Database(error)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

async fn tell(provider: &Provider<'_>, account: &str, template: &Template, change: &str) -> Result<Told, ProviderError> {
    match change {
        "create" => match provider.create(account, template).await {
            // Ours, submitted by a try whose answer was lost; or somebody's at the provider, and then it is shown.
            Err(ProviderError::Exists) => provider.template(account, template).await.map(|read| Told::Took(Box::new(read))),
            created => created.map(|read| Told::Took(Box::new(read))),
        },
        "update" => provider.update(account, template).await.map(|read| Told::Took(Box::new(read))),
        _ => match provider.delete(account, template).await {
            Ok(()) | Err(ProviderError::NotThere) => Ok(Told::Gone),
            Err(error) => Err(error),
        },
    }
}

/// Unless somebody has changed it again meanwhile: then that change has a job of its own.
async fn took(brain: &Brain, job: &Job, template: &Template, told: Told) -> Result<JobOutcome, JobError> {
    let mut tx = brain.db.tenant(job.tenant_id).await?;
    match told {
        Told::Gone => {
            sqlx::query("DELETE FROM message_templates WHERE tenant_id = $1 AND id = $2 AND revision = $3")
                .bind(job.tenant_id)
                .bind(template.id)
                .bind(template.revision)
                .execute(&mut *tx)
                .await?;
        }
        Told::Took(read) => {
            sqlx::query(
                "UPDATE message_templates
                 SET waba_id = $4, status = $5, category = $6, quality = $7, provider_id = coalesce($8, provider_id),
                     components = $9, rejection_reason = NULL, pending_change = NULL, change_error = NULL, synced_at = now(),
                     revision = revision + 1, updated_at = now()
                 WHERE tenant_id = $1 AND id = $2 AND revision = $3",
            )
            .bind(job.tenant_id)
            .bind(template.id)
            .bind(template.revision)
            .bind(&read.waba_id)
            .bind(&read.status)
            .bind(&read.category)
            .bind(&read.quality)
            .bind(read.provider_id.as_deref())
            .bind(&read.components)
            .execute(&mut *tx)
            .await?;
        }
    }
    tx.commit().await?;
    tell_screens(brain, job, template).await;
    Ok(JobOutcome::Done)
}

/// The provider's answer stands beside the template: whoever wrote it can change it and submit it again.
async fn refused(brain: &Brain, job: &Job, template: &Template, why: &str) -> Result<JobOutcome, JobError> {
    let mut tx = brain.db.tenant(job.tenant_id).await?;
    sqlx::query(
        "UPDATE message_templates SET pending_change = NULL, change_error = $4, revision = revision + 1, updated_at = now()
         WHERE tenant_id = $1 AND id = $2 AND revision = $3",
    )
    .bind(job.tenant_id)
    .bind(template.id)
    .bind(template.revision)
    .bind(why)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    tell_screens(brain, job, template).await;
    Ok(JobOutcome::Done)
}

async fn tell_screens(brain: &Brain, job: &Job, template: &Template) {
    let data = json!({ "template_id": template.id, "channel_id": template.channel_id });
    live::publish(&brain.redis, &[LiveEvent { tenant: job.tenant_id, kind: "template.status", data }]).await;
}
