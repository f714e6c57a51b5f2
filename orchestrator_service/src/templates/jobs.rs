//! The two jobs: reading every template of a channel, and telling the provider of one change.

use std::time::Duration;

use nexus_core::ids::{ChannelId, TenantId};
use nexus_core::jobs::{self, Job, JobOutcome, RetrySchedule, with_jitter};
use nexus_core::tenancy::TenantTx;
use secrecy::SecretString;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::provider::{Provider, ProviderError, client};
use crate::jobs_worker::JobError;
use crate::state::Brain;

pub use super::push::run as push;
pub use super::sync::run as sync;

/// The kind of the job that reads.
pub const SYNC: &str = "template_sync";
/// The kind of the job that tells.
pub const PUSH: &str = "template_push";
/// The kind of the credential.
const API_KEY: &str = "ycloud_api_key";

/// Asks for a channel's templates to be read now. There is one such job for each channel: it reads once a day by itself.
pub async fn ask_for_sync(conn: &mut PgConnection, tenant: TenantId, channel: ChannelId) -> Result<(), sqlx::Error> {
    let key = channel.to_string();
    jobs::enqueue(&mut *conn, tenant, SYNC, &key, &json!({ "v": 1, "channel_id": channel })).await?;
    sqlx::query(
        "UPDATE jobs SET state = 'queued', due_at = now(), attempts = 0, finished_at = NULL
         WHERE tenant_id = $1 AND kind = $2 AND dedupe_key = $3 AND state <> 'running'",
    )
    .bind(tenant)
    .bind(SYNC)
    .bind(key)
    .execute(conn)
    .await
    .map(drop)
}

/// Queues what the provider has to be told about one template, at this revision of it.
pub async fn queue_push(tx: &mut TenantTx, template: Uuid, revision: i64) -> Result<(), sqlx::Error> {
    let tenant = tx.tenant();
    let key = format!("{template}:{revision}");
    jobs::enqueue(tx, tenant, PUSH, &key, &json!({ "v": 1, "template_id": template })).await
}

/// What a call needs to know about a channel.
pub(super) struct Line {
    pub(super) number: String,
    key: SecretString,
}

/// The channel with its own key or the installation's; `None` when it is gone, is not YCloud's or has neither.
pub(super) async fn line(brain: &Brain, tenant: TenantId, channel: ChannelId) -> Result<Option<Line>, JobError> {
    let mut tx = brain.db.tenant(tenant).await?;
    let found: Option<(String, Option<Vec<u8>>)> = sqlx::query_as(
        "SELECT c.phone_number, k.sealed FROM channels c
         LEFT JOIN credentials k ON k.tenant_id = c.tenant_id AND k.channel_id = c.id AND k.kind = $3
         WHERE c.tenant_id = $1 AND c.id = $2 AND c.provider = 'ycloud'",
    )
    .bind(tenant)
    .bind(channel)
    .bind(API_KEY)
    .fetch_optional(&mut *tx)
    .await?;
    let Some((number, sealed)) = found else { return Ok(None) };
    let key = match sealed {
        Some(sealed) => brain.vault.open(tenant, API_KEY, &sealed).ok(),
        None => brain.outside.ycloud_api_key.clone(),
    };
    Ok(key.map(|key| Line { number, key }))
}

/// The provider's API with the key of a channel.
pub(super) fn provider<'a>(brain: &'a Brain, line: &Line) -> Result<Provider<'a>, ProviderError> {
    let http = client().map_err(|_| ProviderError::Unavailable("no client".to_owned()))?;
    Ok(Provider { http, base_url: &brain.outside.ycloud_api_url, key: line.key.clone() })
}

/// Tries again for an hour, then leaves it to a person.
pub(super) fn again(brain: &Brain, job: &Job, reason: String) -> JobOutcome {
    let delays = [5, 30, 120, 600, 3_000].map(|seconds| Duration::from_secs(seconds).mul_f64(brain.job_retry_scale));
    match (RetrySchedule { delays: delays.to_vec() }).after(job.attempts) {
        Some(delay) => JobOutcome::RetryAfter(with_jitter(delay), reason),
        None => JobOutcome::Fail(reason),
    }
}
