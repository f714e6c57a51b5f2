//! What customers think of how they were served. After a conversation is resolved it is asked once, inside the service
//! window; the answer is recognised where messages arrive (`nexus_core::seam::survey`).

mod ask;
pub mod report;
mod words;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use ask::{Asked, Resolved, ask};

/// Longest delay, in minutes: later the service window is closed anyway.
pub const LONGEST_DELAY_MINUTES: u32 = 23 * 60;

/// Whether and how the customer is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SatisfactionRule {
    /// Whether it is done.
    pub enabled: bool,
    /// Minutes after the conversation was resolved; at most 1380.
    #[serde(default)]
    pub delay_minutes: u32,
    /// The question in the words of the business; null is ours, in its language. The scale is added.
    #[serde(default)]
    pub text: Option<String>,
    /// For how many hours the next message may be the answer; 1 to 72.
    #[serde(default = "usual_answer_within")]
    pub answer_within_hours: u32,
}

const fn usual_answer_within() -> u32 {
    24
}
