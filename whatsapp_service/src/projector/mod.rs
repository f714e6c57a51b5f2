//! Turns journalled events into contacts, conversations, messages, statuses and turns, in set-based batches.
//! Each batch is one transaction: killed at any point, it is simply done again.

mod batch;
mod statuses;
mod store;
mod templates;

use std::sync::Arc;
use std::time::Duration;

use nexus_core::live;
use nexus_core::telemetry::error_chain;
use nexus_core::wake::Topic;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::state::AppState;
use batch::{Batch, Projected};

/// Events per transaction.
const BATCH: i64 = 500;
/// How long an event waits at most when its wake-up was lost, as when another replica accepted it and died.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Projects until shutdown.
pub async fn run(app: AppState, wake: Arc<Notify>, shutdown: CancellationToken) {
    let mut readiness = app.readiness.clone();
    tokio::select! {
        () = readiness.wait() => {}
        () = shutdown.cancelled() => return,
    }
    while !shutdown.is_cancelled() {
        let projected = drain(&app, &shutdown).await;
        if let Err(error) = projected {
            tracing::warn!(error = %error_chain(&error), "events could not be projected; trying again");
        }
        tokio::select! {
            () = wake.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

/// Projects batch after batch until nothing is left.
async fn drain(app: &AppState, shutdown: &CancellationToken) -> Result<(), sqlx::Error> {
    while !shutdown.is_cancelled() {
        let projected = match project(app, BATCH).await {
            Ok(projected) => projected,
            Err(refused) if is_the_datas_fault(&refused.error) => {
                tracing::warn!(error = %error_chain(&refused.error), "a batch was refused; its events are projected one by one");
                project_one_by_one(app).await?
            }
            Err(refused) => return Err(refused.error),
        };
        live::publish(&app.redis, &projected.live).await;
        if projected.turns_scheduled {
            app.redis.wake(Topic::Turns).await;
        }
        if projected.lanes_woken {
            app.redis.wake(Topic::Outbox).await;
        }
        if projected.events == 0 {
            return Ok(());
        }
    }
    Ok(())
}

/// A batch that could not be stored, and the events it had.
struct Refused {
    events: Vec<i64>,
    error: sqlx::Error,
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Self {
        Self { events: Vec::new(), error }
    }
}

async fn project(app: &AppState, most: i64) -> Result<Projected, Refused> {
    let mut tx = app.db.system().await?;
    let events = store::claim(&mut tx, most).await?;
    if events.is_empty() {
        return Ok(Projected::default());
    }
    let ids = events.iter().map(|event| event.id).collect();
    let batch = Batch::translate(events, &app.channels).await;
    let stored = async {
        let projected = batch.store(&mut tx, app.config.burst).await?;
        tx.commit().await?;
        Ok(projected)
    };
    let projected = stored.await.map_err(|error| Refused { events: ids, error })?;
    nexus_core::failpoint::reach("after_project");
    Ok(projected)
}

/// Finds the events that the database refuses, parks them with the reason, and lets the others through.
async fn project_one_by_one(app: &AppState) -> Result<Projected, sqlx::Error> {
    let mut total = Projected::default();
    for _ in 0..BATCH {
        match project(app, 1).await {
            Ok(projected) if projected.events == 0 => break,
            Ok(projected) => total.add(projected),
            Err(refused) if is_the_datas_fault(&refused.error) => {
                let reason = format!("could not be stored: {}", error_chain(&refused.error));
                store::park(app.db.pool(), &refused.events, &reason).await?;
                total.events += 1;
            }
            Err(refused) => return Err(refused.error),
        }
    }
    Ok(total)
}

/// Whether trying the same data again would fail the same way: a constraint or a value the database cannot hold. A lost
/// connection or a deadlock would not.
fn is_the_datas_fault(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code.starts_with("22") || code.starts_with("23")),
        sqlx::Error::Encode(_) | sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => true,
        _ => false,
    }
}
