//! The brain's main function: one claimed turn from what is known to what is said.

use std::time::Duration;

use nexus_core::failpoint;
use nexus_core::ids::MessageId;
use nexus_core::live::{self, LiveEvent};
use nexus_core::wake::Topic;
use tokio::time::Instant;

use super::draft::{Drafting, Stop};
use super::end::{Ended, Usage};
use super::finish::{finish, skip};
use super::give_up::{GiveUp, give_up};
use super::steps::StepLog;
use super::{ClaimedTurn, TurnError, context, lease};
use crate::state::Brain;

/// After this the customer has waited long enough and a person is better.
const LONGEST_TURN: Duration = Duration::from_secs(90);

/// Works on a claimed turn until it has ended, or until the lease is lost and somebody else does.
pub async fn take_turn(brain: &Brain, turn: &ClaimedTurn) -> Result<Ended, TurnError> {
    failpoint::reach("after_claim");
    let started = Instant::now();
    let ended = tokio::select! {
        () = lease::keep(brain, turn) => return Err(TurnError::LeaseLost),
        drafted = draft(brain, turn) => conclude(brain, turn, drafted?),
    }
    .await?;
    failpoint::reach("after_finish");
    announce(brain, turn, ended).await;
    metrics::counter!("turns_total", "outcome" => ended.name()).increment(1);
    metrics::histogram!("turn_seconds").record(started.elapsed().as_secs_f64());
    tracing::info!(
        tenant_id = %turn.tenant, conversation_id = %turn.conversation, turn_id = %turn.id, attempts = turn.attempts,
        outcome = ended.name(), ms = started.elapsed().as_millis(), "turn"
    );
    Ok(ended)
}

/// What drafting came to.
enum Drafted {
    Answer(super::Draft),
    GaveUp(GiveUp, Usage),
    Nothing(&'static str, Usage),
}

/// Loads, replays, and goes round model and tools.
async fn draft(brain: &Brain, turn: &ClaimedTurn) -> Result<Drafted, TurnError> {
    let Some(context) = context::load(&brain.db, turn).await? else {
        return Ok(Drafted::Nothing("no assistant is published for the channel", Usage::default()));
    };
    if context.burst.is_empty() {
        return Ok(Drafted::Nothing("there is nothing to answer", Usage::default()));
    }
    let log = StepLog::load(&brain.db, turn).await?;
    let model = brain.model.of_tenant(&brain.db, &brain.vault, turn.tenant).await?;
    let mut drafting = Drafting::new(brain, model, turn, context, log);
    let deadline = Instant::now() + LONGEST_TURN;
    let written = tokio::time::timeout_at(deadline, drafting.write(deadline)).await;
    let draft = drafting.draft;
    match written.unwrap_or(Err(Stop::GiveUp(GiveUp::Seconds))) {
        Ok(()) => Ok(Drafted::Answer(draft)),
        Err(Stop::GiveUp(reason)) => Ok(Drafted::GaveUp(reason, draft.usage)),
        Err(Stop::Stale) => Ok(Drafted::Nothing("control changed hands", draft.usage)),
        Err(Stop::Turn(error)) => Err(error),
    }
}

/// Ends the turn in one transaction. Not raced against the lease: the transaction itself refuses a lost one.
async fn conclude(brain: &Brain, turn: &ClaimedTurn, drafted: Drafted) -> Result<Ended, TurnError> {
    failpoint::reach("before_finish");
    match drafted {
        Drafted::Answer(draft) => finish(&brain.db, turn, &draft).await,
        Drafted::GaveUp(reason, usage) => give_up(&brain.db, turn, &reason, &usage).await,
        Drafted::Nothing(outcome, usage) => skip(&brain.db, turn, outcome, &usage).await,
    }
}

/// Wakes whoever has something to do now, after the commit.
async fn announce(brain: &Brain, turn: &ClaimedTurn, ended: Ended) {
    if !matches!(ended, Ended::Superseded | Ended::Skipped) {
        show(brain, turn).await;
    }
    match ended {
        Ended::Answered => brain.redis.wake(Topic::Outbox).await,
        Ended::HandedOver | Ended::GaveUp => {
            brain.redis.wake(Topic::Outbox).await;
            brain.redis.wake(Topic::Jobs).await;
        }
        Ended::Superseded => brain.redis.wake(Topic::Turns).await,
        Ended::Skipped => {}
    }
}

/// Tells the screens what the turn said. They can do without: whatever fails here, they refetch.
async fn show(brain: &Brain, turn: &ClaimedTurn) {
    let said = async {
        let mut tx = brain.db.tenant(turn.tenant).await?;
        let messages: Vec<MessageId> = sqlx::query_scalar(
            "SELECT id FROM chat_messages WHERE tenant_id = $1 AND conversation_id = $2 AND turn_id = $3 ORDER BY sent_at, id",
        )
        .bind(turn.tenant)
        .bind(turn.conversation)
        .bind(turn.id)
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok::<_, sqlx::Error>(messages)
    };
    let messages = said.await.unwrap_or_default().into_iter();
    let created = messages.map(|message| LiveEvent::message_created(turn.tenant, turn.conversation, message));
    let events: Vec<LiveEvent> = created.chain([LiveEvent::conversation_updated(turn.tenant, turn.conversation)]).collect();
    live::publish(&brain.redis, &events).await;
}
