//! When the next turn is due, and how long the oldest has been waiting.

use std::sync::Arc;
use std::time::Duration;

use nexus_core::tenancy::Db;
use tokio_util::sync::CancellationToken;

use crate::state::Brain;

const MEASURE_EVERY: Duration = Duration::from_secs(5);

/// How long until a turn is due or a lease over, at most `longest`; `None` when one is due now.
pub(super) async fn time_until_due(db: &Db, longest: Duration) -> Result<Option<Duration>, sqlx::Error> {
    let mut tx = db.system().await?;
    let seconds: Option<f64> = sqlx::query_scalar(
        "SELECT extract(epoch FROM min(due_at) - clock_timestamp())::float8 FROM turns WHERE state IN ('collecting', 'running')",
    )
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    let seconds = seconds.unwrap_or(f64::INFINITY).min(longest.as_secs_f64());
    Ok((seconds > 0.0).then(|| Duration::from_secs_f64(seconds)))
}

/// Keeps the gauge of the oldest waiting turn, also while every place is taken: that is when it matters.
pub(super) async fn watch(brain: Arc<Brain>, shutdown: CancellationToken) {
    while !shutdown.is_cancelled() {
        match oldest_waiting(&brain.db).await {
            Ok(seconds) => metrics::gauge!("oldest_waiting_turn_seconds").set(seconds),
            Err(error) => tracing::debug!(%error, "could not measure the waiting turns"),
        }
        tokio::select! {
            () = tokio::time::sleep(MEASURE_EVERY) => {}
            () = shutdown.cancelled() => {}
        }
    }
}

async fn oldest_waiting(db: &Db) -> Result<f64, sqlx::Error> {
    let mut tx = db.system().await?;
    let seconds = sqlx::query_scalar(
        "SELECT greatest(coalesce(extract(epoch FROM clock_timestamp() - min(due_at)), 0), 0)::float8
         FROM turns WHERE state = 'collecting'",
    )
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(seconds)
}
