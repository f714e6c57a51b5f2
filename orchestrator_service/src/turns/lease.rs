//! Keeps a turn's lease while its worker works, and says when it is lost.

use std::time::Duration;

use nexus_core::tenancy::Db;
use nexus_core::wake::TypingHint;
use tokio::time::Instant;

use super::ClaimedTurn;
use crate::state::Brain;

/// Typing dots fade after 25 seconds.
const LONGEST_BETWEEN_HINTS: Duration = Duration::from_secs(20);
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Renews the lease at a third of its length, and the typing dots with it. Returns when the lease is lost.
pub(super) async fn keep(brain: &Brain, turn: &ClaimedTurn) {
    let lease = brain.turns.lease;
    let every = (lease / 3).min(LONGEST_BETWEEN_HINTS);
    let mut held_until = Instant::now() + lease;
    hint_typing(brain, turn).await;
    loop {
        tokio::time::sleep(every).await;
        match renew_until(&brain.db, turn, lease, held_until).await {
            Some(renewed) => held_until = renewed,
            None => return,
        }
        hint_typing(brain, turn).await;
    }
}

/// Tries until it is known to be lost: a database that restarts costs no turn.
async fn renew_until(db: &Db, turn: &ClaimedTurn, lease: Duration, held_until: Instant) -> Option<Instant> {
    while Instant::now() < held_until {
        let asked_at = Instant::now();
        match tokio::time::timeout_at(held_until, renew(db, turn, lease)).await {
            Ok(Ok(is_held)) => return is_held.then(|| asked_at + lease),
            Ok(Err(error)) => tracing::warn!(%error, "could not renew the turn's lease; trying again"),
            Err(_) => return None,
        }
        tokio::time::sleep(RETRY_AFTER).await;
    }
    None
}

async fn renew(db: &Db, turn: &ClaimedTurn, lease: Duration) -> Result<bool, sqlx::Error> {
    let mut tx = db.tenant(turn.tenant).await?;
    let renewed = sqlx::query(
        "UPDATE turns SET due_at = now() + $4 WHERE tenant_id = $1 AND id = $2 AND lease_token = $3 AND state = 'running'",
    )
    .bind(turn.tenant)
    .bind(turn.id)
    .bind(turn.lease_token)
    .bind(lease)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(renewed.rows_affected() == 1)
}

async fn hint_typing(brain: &Brain, turn: &ClaimedTurn) {
    if let Some(provider_ref) = turn.newest_ref.clone() {
        brain.redis.hint_typing(&TypingHint { tenant: turn.tenant, channel: turn.channel, provider_ref }).await;
    }
}
