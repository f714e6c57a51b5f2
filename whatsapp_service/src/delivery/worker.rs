//! Claims lanes and sends the first message of each. The call to the provider stands between two transactions, never
//! inside one.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nexus_core::ids::LeaseToken;
use nexus_core::live::{self, LiveEvent};
use nexus_core::telemetry::error_chain;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::lane::{self, Head, Lane};
use super::policy::{self, Decision, History};
use super::{reconcile, settle};
use crate::providers::ycloud::client::Recipient;
use crate::providers::{Refusal, SendOutcome};
use crate::state::AppState;

/// Calls to the provider at once.
const CONCURRENCY: usize = 64;
const CLAIM_AT_ONCE: usize = 32;
/// How long a message waits at most when its wake-up was lost.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// The service window counts as closed this long before its end: the provider's clock is not ours.
const WINDOW_MARGIN: Duration = Duration::from_secs(300);
/// How long a channel rests after its credentials were refused.
const CHANNEL_PAUSE: Duration = Duration::from_secs(60);

/// What every task of the delivery shares.
#[derive(Clone)]
struct Delivery {
    app: AppState,
    wake: Arc<Notify>,
    slots: Arc<Semaphore>,
    held: Arc<Mutex<HashSet<LeaseToken>>>,
    tasks: TaskTracker,
}

/// Delivers until shutdown.
pub async fn run(app: AppState, wake: Arc<Notify>, tasks: TaskTracker, shutdown: CancellationToken) {
    let mut readiness = app.readiness.clone();
    tokio::select! {
        () = readiness.wait() => {}
        () = shutdown.cancelled() => return,
    }
    let delivery = Delivery { app, wake, slots: Arc::new(Semaphore::new(CONCURRENCY)), held: Arc::default(), tasks };
    delivery.tasks.spawn(renew_leases(delivery.clone(), shutdown.clone()));
    while !shutdown.is_cancelled() {
        let pause = match delivery.deliver_due().await {
            Ok(pause) => pause,
            Err(error) => {
                tracing::warn!(error = %error_chain(&error), "the outbox could not be claimed; trying again");
                LOOK_EVERY
            }
        };
        tokio::select! {
            () = delivery.wake.notified() => {}
            () = tokio::time::sleep(pause) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

impl Delivery {
    /// Starts a task for each due lane and returns how long to wait for the next.
    async fn deliver_due(&self) -> Result<Duration, sqlx::Error> {
        loop {
            let free = self.slots.available_permits().min(CLAIM_AT_ONCE);
            if free == 0 {
                // The first task to end wakes us.
                return Ok(LOOK_EVERY);
            }
            let mut tx = self.app.db.system().await?;
            let lanes = lane::claim(&mut tx, i64::try_from(free).unwrap_or(1), self.app.config.lease).await?;
            let next_due = if lanes.is_empty() { lane::next_due(&mut tx).await? } else { None };
            tx.commit().await?;
            if lanes.is_empty() {
                let until_next = next_due.map_or(LOOK_EVERY, |seconds| Duration::from_secs_f64(seconds.max(0.005)));
                return Ok(until_next.min(LOOK_EVERY));
            }
            for lane in lanes {
                let Ok(slot) = Arc::clone(&self.slots).acquire_owned().await else { return Ok(LOOK_EVERY) };
                let delivery = self.clone();
                self.tasks.spawn(async move {
                    delivery.deliver(&lane).await;
                    drop(slot);
                    // What waits behind this message may be due already.
                    delivery.wake.notify_one();
                });
            }
        }
    }

    async fn deliver(&self, lane: &Lane) {
        self.held_tokens().insert(lane.lease_token);
        if let Err(error) = deliver_one(&self.app, lane).await {
            tracing::warn!(conversation_id = %lane.conversation_id, error = %error_chain(&error),
                "delivering was interrupted; the lane's lease brings it back");
        }
        self.held_tokens().remove(&lane.lease_token);
    }

    fn held_tokens(&self) -> MutexGuard<'_, HashSet<LeaseToken>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn renew_leases(delivery: Delivery, shutdown: CancellationToken) {
    let app = &delivery.app;
    loop {
        tokio::select! {
            () = tokio::time::sleep(app.config.lease / 3) => {}
            () = shutdown.cancelled() => return,
        }
        let tokens: Vec<LeaseToken> = delivery.held_tokens().iter().copied().collect();
        if tokens.is_empty() {
            continue;
        }
        let renewed = async {
            let mut tx = app.db.system().await?;
            lane::renew(&mut tx, &tokens, app.config.lease).await?;
            tx.commit().await
        };
        if let Err(error) = renewed.await {
            tracing::warn!(error = %error_chain(&error), "leases could not be renewed");
        }
    }
}

/// What to do with the first row of a lane.
enum Step {
    Nothing,
    Settled,
    Wait,
    Send(Head, Recipient),
    LookUp(Head, Recipient),
}

async fn deliver_one(app: &AppState, lane: &Lane) -> Result<(), sqlx::Error> {
    let (head, decision) = match prepare(app, lane).await? {
        Step::Nothing => return Ok(()),
        Step::Settled => return release(app, lane, Duration::ZERO).await,
        Step::Wait => return release(app, lane, CHANNEL_PAUSE).await,
        Step::Send(head, recipient) => {
            let outcome = send(app, lane, &head, &recipient).await;
            let decision = policy::after_send(outcome, History { attempts: head.history().attempts + 1, ..head.history() });
            (head, decision)
        }
        Step::LookUp(head, recipient) => {
            let (decision, history) = reconcile::look_up(app, lane, &head, &recipient).await;
            let mut tx = app.db.tenant(lane.tenant_id).await?;
            reconcile::count(&mut tx, lane, &head, history).await?;
            tx.commit().await?;
            (head, decision)
        }
    };
    settle(app, lane, &head, &decision).await
}

/// T5: checks everything that may have changed since the message was queued, and records that it is about to leave.
async fn prepare(app: &AppState, lane: &Lane) -> Result<Step, sqlx::Error> {
    let mut tx = app.db.tenant(lane.tenant_id).await?;
    if !lane::is_held(&mut tx, lane).await? {
        return Ok(Step::Nothing);
    }
    let Some(head) = lane::head(&mut tx, lane, WINDOW_MARGIN, CHANNEL_PAUSE).await? else { return Ok(Step::Settled) };
    let step = match (head.state.as_str(), head.recipient()) {
        (_, None) => {
            let refusal =
                Refusal { code: "no_address".to_owned(), detail: "the contact has neither a number nor a user id".to_owned() };
            settle::failed(&mut tx, lane, &head, &refusal).await?;
            Step::Settled
        }
        // Its worker died between the call and the record of its outcome.
        ("sending", Some(_)) => {
            let reason = "the process that was sending it ended".to_owned();
            settle::apply(&mut tx, lane, &head, &Decision::Reconcile(reason), app.config.unknown_wait).await?;
            Step::Settled
        }
        ("unknown", Some(recipient)) if head.is_due => Step::LookUp(head, recipient),
        (_, Some(_)) if !head.is_due => Step::Settled,
        (_, Some(_)) if head.is_stale => {
            settle::cancel(&mut tx, lane, &head, "a person took the conversation over").await?;
            Step::Settled
        }
        (_, Some(_)) if head.is_opted_out => {
            settle::cancel(&mut tx, lane, &head, "the contact does not want messages").await?;
            Step::Settled
        }
        (_, Some(_)) if head.content().needs_open_window() && !head.is_within_service_window => {
            settle::failed(&mut tx, lane, &head, &window_closed()).await?;
            Step::Settled
        }
        (_, Some(_)) if head.is_channel_paused => Step::Wait,
        (_, Some(recipient)) => {
            lane::mark_sending(&mut tx, lane, &head).await?;
            Step::Send(head, recipient)
        }
    };
    tx.commit().await?;
    Ok(step)
}

fn window_closed() -> Refusal {
    Refusal {
        code: "service_window_closed".to_owned(),
        detail: "more than 24 hours since the contact last wrote; only an approved template may be sent".to_owned(),
    }
}

async fn send(app: &AppState, lane: &Lane, head: &Head, recipient: &Recipient) -> SendOutcome {
    nexus_core::failpoint::reach("before_send");
    let directory = app.channels.current();
    let Some(channel) = directory.by_id(lane.channel_id) else {
        return SendOutcome::Unavailable(Refusal {
            code: "channel_gone".to_owned(),
            detail: "the channel is not there".to_owned(),
        });
    };
    let Some(key) = channel.api_key.as_ref().or(app.config.ycloud_api_key.as_ref()) else {
        return SendOutcome::CredentialsRefused(Refusal {
            code: "no_api_key".to_owned(),
            detail: "no API key is configured".to_owned(),
        });
    };
    let started = std::time::Instant::now();
    let outcome = app.ycloud.send(key, &channel.phone_number, recipient, &head.id.external_id(), head.content()).await;
    metrics::histogram!("provider_send_seconds", "outcome" => outcome.name()).record(started.elapsed());
    nexus_core::failpoint::reach("after_send");
    outcome
}

/// T6: records the outcome and lets the next message leave after a pause.
async fn settle(app: &AppState, lane: &Lane, head: &Head, decision: &Decision) -> Result<(), sqlx::Error> {
    let mut tx = app.db.tenant(lane.tenant_id).await?;
    settle::apply(&mut tx, lane, head, decision, app.config.unknown_wait).await?;
    let pause = if matches!(decision, Decision::Sent { .. }) { bubble_pause(&mut tx, app).await? } else { Duration::ZERO };
    lane::release(&mut tx, lane, pause).await?;
    tx.commit().await?;
    if let Some(status) = decision.shown_as() {
        live::publish(&app.redis, &[LiveEvent::message_status(lane.tenant_id, head.message_id, status)]).await;
    }
    Ok(())
}

async fn bubble_pause(tx: &mut nexus_core::tenancy::TenantTx, app: &AppState) -> Result<Duration, sqlx::Error> {
    let own: Option<i32> =
        sqlx::query_scalar("SELECT bubble_delay_ms FROM tenants WHERE id = $1").bind(tx.tenant()).fetch_one(&mut **tx).await?;
    let own = own.and_then(|milliseconds| u64::try_from(milliseconds).ok()).map(Duration::from_millis);
    Ok(own.unwrap_or(app.config.bubble_delay))
}

async fn release(app: &AppState, lane: &Lane, pause: Duration) -> Result<(), sqlx::Error> {
    let mut tx = app.db.tenant(lane.tenant_id).await?;
    lane::release(&mut tx, lane, pause).await?;
    tx.commit().await
}
