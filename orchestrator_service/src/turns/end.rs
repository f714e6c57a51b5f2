//! How turns end: what is looked at under the conversation's lock, and the one write that closes a turn.

use nexus_core::seam::outbox::{self, Author};
use nexus_core::tenancy::TenantTx;

use super::{ClaimedTurn, TurnError};
use crate::reply;

/// What became of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The customer gets an answer.
    Answered,
    /// The customer gets an answer, and a person takes over.
    HandedOver,
    /// The customer was told that a person will answer, because the assistant could not.
    GaveUp,
    /// Newer messages made the draft stale; the next turn answers all of them.
    Superseded,
    /// Nobody is to be answered any more.
    Skipped,
}

impl Ended {
    /// A short stable name, for metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::HandedOver => "handed_over",
            Self::GaveUp => "gave_up",
            Self::Superseded => "superseded",
            Self::Skipped => "skipped",
        }
    }

    const fn state(self) -> &'static str {
        match self {
            Self::Answered | Self::HandedOver | Self::GaveUp => "done",
            Self::Superseded => "superseded",
            Self::Skipped => "skipped",
        }
    }
}

/// What the model cost so far, earlier workers included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// The dated model name.
    pub model: String,
    /// Billed input.
    pub prompt_tokens: u64,
    /// Billed output.
    pub completion_tokens: u64,
}

/// Where a turn stands, read under the lock of its conversation.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) control_epoch: i64,
    pub(super) is_with_agent: bool,
    pub(super) discarded_drafts: i32,
    pub(super) origin: String,
    turn_epoch: Option<i64>,
    inbound_seq: i64,
    to_seq: i64,
}

impl Standing {
    /// Locks the conversation until the transaction ends. A lost lease is an error: another worker decides now.
    pub(super) async fn lock(tx: &mut TenantTx, turn: &ClaimedTurn) -> Result<Self, TurnError> {
        let (inbound_seq, control_epoch, is_with_agent): (i64, i64, bool) = sqlx::query_as(
            "SELECT inbound_seq, control_epoch, handled_by = 'agent' FROM chat_conversations
             WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
        )
        .bind(turn.tenant)
        .bind(turn.conversation)
        .fetch_one(&mut **tx)
        .await?;
        let row: Option<(Option<i64>, i64, i32, String)> = sqlx::query_as(
            "SELECT control_epoch, to_seq, discarded_drafts, origin FROM turns
             WHERE tenant_id = $1 AND id = $2 AND lease_token = $3 AND state = 'running' FOR UPDATE",
        )
        .bind(turn.tenant)
        .bind(turn.id)
        .bind(turn.lease_token)
        .fetch_optional(&mut **tx)
        .await?;
        let (turn_epoch, to_seq, discarded_drafts, origin) = row.ok_or(TurnError::LeaseLost)?;
        Ok(Self { control_epoch, is_with_agent, discarded_drafts, origin, turn_epoch, inbound_seq, to_seq })
    }

    /// Whether the assistant still speaks for the conversation.
    pub(super) fn may_speak(&self) -> bool {
        self.turn_epoch == Some(self.control_epoch)
    }

    pub(super) fn has_newer_messages(&self) -> bool {
        self.inbound_seq > self.to_seq
    }
}

/// Hands the text to whoever delivers it: the edge, or the caller of `POST /chat`.
pub(super) async fn say(tx: &mut TenantTx, turn: &ClaimedTurn, standing: &Standing, text: &str) -> Result<(), sqlx::Error> {
    let author = Author::Assistant { turn: turn.id, control_epoch: standing.control_epoch };
    let contents = reply::bubbles(text);
    if standing.origin == "chat" {
        outbox::store_delegated(tx, turn.thread(), author, &contents).await?;
    } else {
        outbox::enqueue(tx, turn.thread(), author, &contents).await?;
    }
    Ok(())
}

/// Closes the turn. The caller has checked the lease under the lock.
pub(super) async fn close(
    tx: &mut TenantTx,
    turn: &ClaimedTurn,
    ended: Ended,
    outcome: &str,
    usage: &Usage,
) -> Result<Ended, sqlx::Error> {
    sqlx::query(
        "UPDATE turns SET state = $3, outcome = $4, model = nullif($5, ''), prompt_tokens = $6, completion_tokens = $7,
                          lease_token = NULL, finished_at = now()
         WHERE tenant_id = $1 AND id = $2",
    )
    .bind(turn.tenant)
    .bind(turn.id)
    .bind(ended.state())
    .bind(outcome)
    .bind(&usage.model)
    .bind(usage.prompt_tokens.cast_signed())
    .bind(usage.completion_tokens.cast_signed())
    .execute(&mut **tx)
    .await?;
    Ok(ended)
}
