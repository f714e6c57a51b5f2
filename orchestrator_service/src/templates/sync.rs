//! Reads every template of a channel from the provider.

use std::time::Duration;

use nexus_core::ids::ChannelId;
use nexus_core::jobs::{Job, JobOutcome};
use nexus_core::live::{self, LiveEvent};
use serde::Deserialize;
use serde_json::json;

use super::jobs::{again, line, provider};
use super::provider::ProviderError;
use super::store::{self, Read};
use crate::jobs_worker::JobError;
use crate::state::Brain;

/// Reports are followed at once; this finds what they did not tell.
const EVERY: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Deserialize)]
struct Payload {
    channel_id: ChannelId,
}

/// Reads them all. What is read is stored in one transaction, after the last page.
pub async fn run(brain: &Brain, job: &Job) -> Result<JobOutcome, JobError> {
    let Ok(Payload { channel_id }) = serde_json::from_value(job.payload.clone()) else {
        return Ok(JobOutcome::Fail("the payload is of an unknown version".to_owned()));
    };
    let Some(line) = line(brain, job.tenant_id, channel_id).await? else {
        return Ok(JobOutcome::Fail("the channel is gone or has no API key".to_owned()));
    };
    let read_at = sqlx::query_scalar("SELECT now()").fetch_one(brain.db.pool()).await?;
    let read = async {
        let provider = provider(brain, &line)?;
        let Some(account) = provider.account_of(&line.number).await? else { return Err(ProviderError::NotThere) };
        provider.templates(&account).await
    };
    let templates: Vec<Read> = match read.await {
        Ok(templates) => templates,
        Err(ProviderError::NotThere) => {
            return Ok(JobOutcome::Fail("the provider's account does not have the number of the channel".to_owned()));
        }
        Err(ProviderError::Unavailable(why)) => return Ok(again(brain, job, why)),
        Err(error) => return Ok(JobOutcome::Fail(error.to_string())),
    };
    let mut tx = brain.db.tenant(job.tenant_id).await?;
    for template in &templates {
        store::take_over(&mut tx, channel_id, template, read_at).await?;
    }
    store::forget_unseen(&mut tx, channel_id, read_at).await?;
    tx.commit().await?;
    let data = json!({ "channel_id": channel_id });
    live::publish(&brain.redis, &[LiveEvent { tenant: job.tenant_id, kind: "template.status", data }]).await;
    Ok(JobOutcome::Again(EVERY))
}
