//! Who gets a conversation that needs a person. The rule is data, the choice is a pure function, and the rows of those
//! who may be chosen are locked while it is made: two replicas never give one conversation to two people, nor one person
//! more than their share.

pub mod agents;
mod choose;
mod give;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use give::{Given, give, look_at_waiting};

/// The most conversations anybody can have at a time.
pub const MOST_OPEN: u32 = 500;

/// How conversations find their people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// By hand.
    Manual,
    /// To whoever has not got one for the longest time.
    RoundRobin,
    /// To whoever has the fewest.
    LeastBusy,
}

impl Method {
    /// As it stands beside the event in the thread.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::RoundRobin => "round_robin",
            Self::LeastBusy => "least_busy",
        }
    }
}

/// Who gets a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignmentRule {
    /// By hand, in turn, or to the least busy.
    pub method: Method,
    /// How many one person has at a time, where they have no number of their own; 1 to 500.
    #[serde(default = "usual_most_open")]
    pub most_open: u32,
    /// Somebody else gets it when the contact waits this many minutes for the person it was given to; null is never.
    #[serde(default)]
    pub reassign_after_minutes: Option<u32>,
}

const fn usual_most_open() -> u32 {
    20
}
