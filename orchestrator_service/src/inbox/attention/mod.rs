//! The clock of the inbox. A conversation says when it has to be looked at (`attend_at`): at once after every change of
//! hands, status, assignee or wait, and later when something is due: a snooze or the silence window ends, a target is
//! about to be missed, nobody has answered, a customer is to be asked. One look does what is due and says when the next
//! one is. It may be killed anywhere: what is not committed is still due.

mod look;
mod subject;

use std::sync::Arc;
use std::time::Duration;

use nexus_core::ids::{ConversationId, TenantId};
use nexus_core::jobs::with_jitter;
use nexus_core::live;
use nexus_core::telemetry::error_chain;
use nexus_core::wake::Topic;
use tokio_util::sync::CancellationToken;

use crate::inbox::InboxError;
use crate::state::Brain;
use look::Seen;

/// A customer who was handed over waits at least this long for a name; the question costs one index page.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const AT_ONCE: i64 = 64;
/// A conversation that cannot be looked at steps aside, or it would stand before all others.
const AFTER_FAILURE: &str = "1 minute";

/// Looks until shutdown. Replicas may look at the same time.
pub async fn run(brain: Arc<Brain>, shutdown: CancellationToken) {
    while !shutdown.is_cancelled() {
        let looked = look_once(&brain).await;
        if let Err(error) = &looked {
            tracing::warn!(error = error_chain(error), "could not look at the inbox");
        }
        if looked.is_ok_and(|count| count > 0) {
            continue;
        }
        tokio::select! {
            () = tokio::time::sleep(with_jitter(LOOK_EVERY)) => {}
            () = shutdown.cancelled() => {}
        }
    }
}

/// Looks at what is due now. Answers how many there were.
pub async fn look_once(brain: &Brain) -> Result<usize, sqlx::Error> {
    let mut tx = brain.db.system().await?;
    let due: Vec<(TenantId, ConversationId)> =
        sqlx::query_as("SELECT tenant_id, id FROM chat_conversations WHERE attend_at <= now() ORDER BY attend_at LIMIT $1")
            .bind(AT_ONCE)
            .fetch_all(&mut *tx)
            .await?;
    drop(tx);
    let mut seen = 0;
    for (tenant, conversation) in due {
        match look_at(brain, tenant, conversation).await {
            Ok(was_mine) => seen += usize::from(was_mine),
            Err(error) => {
                tracing::error!(tenant_id = %tenant, conversation_id = %conversation, error = error_chain(&error),
                    "a conversation could not be looked at");
                step_aside(brain, tenant, conversation).await?;
            }
        }
    }
    Ok(seen)
}

/// One look in one transaction, then the news. `false` when another replica was looking.
async fn look_at(brain: &Brain, tenant: TenantId, conversation: ConversationId) -> Result<bool, InboxError> {
    let mut tx = brain.db.tenant(tenant).await?;
    let Some(seen) = look::look(&mut tx, conversation, brain.burst_defaults()).await? else { return Ok(false) };
    tx.commit().await?;
    tell(brain, &seen).await;
    Ok(true)
}

async fn tell(brain: &Brain, seen: &Seen) {
    live::publish(&brain.redis, &seen.live).await;
    for (is_due, topic) in [(seen.has_turn, Topic::Turns), (seen.has_message, Topic::Outbox), (seen.has_job, Topic::Jobs)] {
        if is_due {
            brain.redis.wake(topic).await;
        }
    }
}

async fn step_aside(brain: &Brain, tenant: TenantId, conversation: ConversationId) -> Result<(), sqlx::Error> {
    let mut tx = brain.db.tenant(tenant).await?;
    sqlx::query("UPDATE chat_conversations SET attend_at = now() + $3::interval WHERE tenant_id = $1 AND id = $2")
        .bind(tenant)
        .bind(conversation)
        .bind(AFTER_FAILURE)
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}
