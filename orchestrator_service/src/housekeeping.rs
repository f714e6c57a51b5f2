//! Removes what has served its purpose: keys of repeated requests, dead sessions, used links, old tries, and what no
//! business wants to keep any longer.

use std::sync::Arc;
use std::time::Duration;

use nexus_core::jobs::with_jitter;
use nexus_core::telemetry::error_chain;
use nexus_core::tenancy::Db;
use tokio_util::sync::CancellationToken;

use crate::retention;
use crate::state::Brain;

const EVERY: Duration = Duration::from_secs(60 * 60);

/// Sweeps once an hour until shutdown. Replicas may sweep at the same time.
pub async fn run(brain: Arc<Brain>, shutdown: CancellationToken) {
    while !shutdown.is_cancelled() {
        if let Err(error) = sweep(&brain.db).await {
            tracing::warn!(error = error_chain(&error), "could not remove what has served its purpose");
        }
        if let Err(error) = retention::apply(&brain.db).await {
            tracing::warn!(error = error_chain(&error), "could not let go of what is too old; trying again later");
        }
        tokio::select! {
            () = tokio::time::sleep(with_jitter(EVERY)) => {}
            () = shutdown.cancelled() => {}
        }
    }
}

/// Removes it once.
pub async fn sweep(db: &Db) -> Result<(), sqlx::Error> {
    let mut tx = db.system().await?;
    for sql in [
        // A client that repeats a request does so within minutes.
        "DELETE FROM idempotency_keys WHERE created_at < now() - interval '2 days'",
        "DELETE FROM sessions WHERE expires_at < now() - interval '30 days' OR revoked_at < now() - interval '30 days'",
        "DELETE FROM password_resets WHERE expires_at < now() - interval '7 days'",
        "DELETE FROM login_attempts WHERE attempted_at < now() - interval '1 day'",
    ] {
        sqlx::query(sql).execute(&mut *tx).await?;
    }
    tx.commit().await
}
