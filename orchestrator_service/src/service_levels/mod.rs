//! By when a contact must be answered and a case be done. Due times are computed in [`targets`], in the zone of the
//! business, and stored with the conversation; the clock of the inbox (`inbox::attention`) raises the alerts.

mod alerts;
mod compose;
mod mail;
mod open_time;
mod targets;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use alerts::{Case, Raised, Watch, watch};
pub use mail::{JOB_KIND, run};
pub use targets::{Calendar, Due, due};

/// Longer targets are no targets.
pub const LONGEST_MINUTES: u32 = 90 * 24 * 60;

/// How minutes are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Day and night.
    Always,
    /// Only while the business is open; where nobody has said when, day and night.
    BusinessHours,
}

/// The targets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceLevel {
    /// Minutes until a person has answered; null is no target.
    #[serde(default)]
    pub first_response_minutes: Option<u32>,
    /// Minutes until it is resolved; null is no target.
    #[serde(default)]
    pub resolution_minutes: Option<u32>,
    /// How minutes are counted.
    pub counted: Counted,
    /// The alert comes this many minutes before the time is up; 0 is no warning.
    #[serde(default)]
    pub warn_before_minutes: u32,
    /// Whether supervisors are mailed too.
    #[serde(default)]
    pub mails_supervisors: bool,
}
