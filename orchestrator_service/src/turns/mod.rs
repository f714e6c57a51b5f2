//! Turns: one run of the assistant over the new inbound messages of a conversation. Claimed under a lease, kept as an
//! append-only log of steps, finished in one transaction that refuses stale drafts.
//!
//! Lock order everywhere: the conversation's row first, then its turns and outbox rows.

mod calls;
mod claim;
mod context;
mod draft;
mod due;
mod end;
mod finish;
mod give_up;
mod lease;
mod prompt;
mod steps;
mod take_turn;
mod verdict;
mod worker;

use nexus_core::ids::{ChannelId, ContactId, ConversationId, LeaseToken, TenantId, TurnId};
use nexus_core::seam::outbox::Thread;

pub use claim::{Pick, claim, claim_now};
pub use draft::Draft;
pub use end::Ended;
pub use finish::finish;
pub use give_up::hand_to_a_person;
pub use steps::{Step, StepLog};
pub use take_turn::take_turn;
pub use worker::run;

/// A turn as its worker gets it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ClaimedTurn {
    /// Whose.
    #[sqlx(rename = "tenant_id")]
    pub tenant: TenantId,
    /// Which.
    pub id: TurnId,
    /// Of which conversation.
    #[sqlx(rename = "conversation_id")]
    pub conversation: ConversationId,
    /// On which channel.
    #[sqlx(rename = "channel_id")]
    pub channel: ChannelId,
    /// With whom.
    #[sqlx(rename = "contact_id")]
    pub contact: ContactId,
    /// Answers messages after this one …
    pub from_seq: i64,
    /// … up to this one.
    pub to_seq: i64,
    /// The right to work on it.
    pub lease_token: LeaseToken,
    /// How often it was claimed, this time included.
    pub attempts: i32,
    /// The provider's id of the newest inbound message, for typing dots.
    pub newest_ref: Option<String>,
}

impl ClaimedTurn {
    /// Where its answer goes.
    #[must_use]
    pub fn thread(&self) -> Thread {
        Thread { tenant: self.tenant, conversation: self.conversation, channel: self.channel }
    }
}

/// Why a turn could not be carried on by this worker. None of these answers the customer; another claim will.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// Another worker has the turn now.
    #[error("the turn's lease was lost")]
    LeaseLost,
    /// The database refused or did not answer.
    #[error("could not read or write the turn")]
    Database(#[from] sqlx::Error),
    /// A recorded step is in a form this build does not know.
    #[error("a recorded step cannot be read")]
    UnreadableStep(#[from] serde_json::Error),
}
