//! Answers one request: enter the event, store the message, wait for its turn or take it, keep the answer.

use std::time::Duration;

use nexus_core::ids::{LeaseToken, TurnId};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::answer::ChatAnswer;
use super::arrival::{self, Route, Stored};
use super::ledger::{self, Entry, Event, LEASE};
use super::outcome::{Outcome, look};
use super::request::ChatRequest;
use crate::state::Brain;
use crate::turns::{self, TurnError};

/// How long a call waits for a turn that somebody else is working on.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// No channel has the number.
    #[error("no channel has the number in to_number")]
    UnknownNumber,
    /// Another worker has the turn or the event now; the caller's retry is answered.
    #[error("the run was lost to another worker")]
    Lost,
    /// The turn failed; the caller's retry is answered.
    #[error("the turn failed")]
    Turn(#[from] TurnError),
    /// The database refused or did not answer.
    #[error("could not read or write the request")]
    Database(#[from] sqlx::Error),
}

/// Answers a request. A failed run leaves no trace in the ledger, so the caller's retry is answered.
pub async fn answer(brain: &Brain, request: &ChatRequest) -> Result<ChatAnswer, ChatError> {
    let (route, is_turned) = route(brain, request).await?;
    let event = Event { tenant: route.tenant_id, provider: request.provider, id: request.event_id.clone() };
    let lease_token = match ledger::enter(&brain.db, event.tenant, event.provider, &event.id).await? {
        Entry::Ours(lease_token) => lease_token,
        Entry::Running => return Ok(ChatAnswer::processing()),
        Entry::Answered(answer) => return Ok(answer.into_duplicate()),
    };
    let ran = tokio::select! {
        ran = run(brain, request, route, is_turned, (&event, lease_token)) => ran,
        never = keep(brain, &event, lease_token) => match never {},
    };
    if !matches!(&ran, Ok(answer) if answer.status != "processing") {
        event.release(&brain.db, lease_token).await?;
    }
    ran
}

/// The channel, by `to_number` only. An echo may come the other way round: then the business is its sender.
async fn route(brain: &Brain, request: &ChatRequest) -> Result<(Route, bool), ChatError> {
    if let Some(route) = arrival::route(&brain.db, request, &request.to).await? {
        return Ok((route, false));
    }
    if request.is_echo()
        && let Some(route) = arrival::route(&brain.db, request, &request.from).await?
    {
        return Ok((route, true));
    }
    Err(ChatError::UnknownNumber)
}

/// Keeps the event ours for as long as it is worked on. A missed renewal is made up by the next.
async fn keep(brain: &Brain, event: &Event, lease_token: LeaseToken) -> std::convert::Infallible {
    loop {
        tokio::time::sleep(LEASE / 3).await;
        if let Err(error) = event.renew(&brain.db, lease_token).await {
            tracing::warn!(%error, "could not renew a chat request's lease");
        }
    }
}

async fn run(
    brain: &Brain,
    request: &ChatRequest,
    route: Route,
    is_turned: bool,
    (event, lease_token): (&Event, LeaseToken),
) -> Result<ChatAnswer, ChatError> {
    let contact = if is_turned { &request.to } else { &request.from };
    let stored = arrival::record(&brain.db, route, request, contact, brain.burst_defaults()).await?;
    let answer = if request.is_echo() {
        ChatAnswer::ignored("a person of the business wrote; the assistant pauses")
    } else {
        match wait_for_answer(brain, route, stored).await? {
            None => return Ok(ChatAnswer::processing()),
            Some(Ready::Ignored(reason)) => ChatAnswer::ignored(&reason),
            Some(Ready::Answered { turn, needs_handoff }) => {
                return hand_out(brain, request, stored, turn, needs_handoff, (event, lease_token)).await;
            }
        }
    };
    let mut tx = brain.db.tenant(event.tenant).await?;
    let is_stored = event.store(&mut tx, lease_token, &answer).await?;
    tx.commit().await?;
    if is_stored { Ok(answer) } else { Err(ChatError::Lost) }
}

enum Ready {
    Answered { turn: TurnId, needs_handoff: bool },
    Ignored(String),
}

/// Takes the message's turn as soon as it can be taken, or waits for whoever has it; not for ever.
async fn wait_for_answer(brain: &Brain, route: Route, stored: Stored) -> Result<Option<Ready>, ChatError> {
    let give_up_at = Instant::now() + LONGEST_WAIT;
    loop {
        match look(&brain.db, route, stored, brain.turns.lease).await? {
            Outcome::Answered(turn, needs_handoff) => return Ok(Some(Ready::Answered { turn, needs_handoff })),
            Outcome::Ignored(reason) => return Ok(Some(Ready::Ignored(reason))),
            Outcome::Ours(turn) => {
                turns::take_turn(brain, &turn).await?;
            }
            Outcome::Wait if Instant::now() > give_up_at => return Ok(None),
            Outcome::Wait => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
}

/// Gives the answer of a turn to exactly one caller: two events may carry the same message.
async fn hand_out(
    brain: &Brain,
    request: &ChatRequest,
    stored: Stored,
    turn: TurnId,
    needs_handoff: bool,
    (event, lease_token): (&Event, LeaseToken),
) -> Result<ChatAnswer, ChatError> {
    let mut tx = brain.db.tenant(event.tenant).await?;
    let texts: Vec<(String, bool)> = sqlx::query_as(
        "SELECT body, status IS NOT NULL FROM chat_messages
         WHERE tenant_id = $1 AND conversation_id = $2 AND turn_id = $3 ORDER BY sent_at, id FOR UPDATE",
    )
    .bind(event.tenant)
    .bind(stored.conversation_id)
    .bind(turn)
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query(
        "UPDATE chat_messages SET status = 'accepted', status_at = now()
         WHERE tenant_id = $1 AND conversation_id = $2 AND turn_id = $3 AND status IS NULL",
    )
    .bind(event.tenant)
    .bind(stored.conversation_id)
    .bind(turn)
    .execute(&mut *tx)
    .await?;
    let is_handed_out = texts.iter().any(|(_, is_handed_out)| *is_handed_out);
    let texts = texts.into_iter().map(|(text, _)| text).collect();
    let answer = ChatAnswer::ok(texts, needs_handoff, &meta(request, stored, turn));
    let answer = if is_handed_out { answer.into_duplicate() } else { answer };
    if !event.store(&mut tx, lease_token, &answer).await? {
        return Err(ChatError::Lost);
    }
    tx.commit().await?;
    Ok(answer)
}

fn meta(request: &ChatRequest, stored: Stored, turn: TurnId) -> Value {
    json!({
        "turn_id": turn, "conversation_id": stored.conversation_id, "event_id": request.event_id,
        "correlation_id": request.correlation_id,
    })
}
