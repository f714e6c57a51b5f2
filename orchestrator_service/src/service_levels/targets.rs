//! When a case is due: the one place where it is computed.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::open_time;
use super::{Counted, ServiceLevel};
use crate::tools::business_hours::Week;

/// When the business is open, and where.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// Its zone.
    pub zone: Tz,
    /// Its hours; `None` when nobody has said.
    pub week: Option<Week>,
}

/// By when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// A person must have answered.
    pub first_response: Option<DateTime<Utc>>,
    /// It must be resolved.
    pub resolution: Option<DateTime<Utc>>,
}

/// When a case that began at `started_at` is due.
#[must_use]
pub fn due(level: &ServiceLevel, calendar: &Calendar, started_at: DateTime<Utc>) -> Due {
    let after = |minutes: u32| match (level.counted, &calendar.week) {
        (Counted::BusinessHours, Some(week)) => open_time::after(week, calendar.zone, started_at, minutes),
        (Counted::Always, _) | (Counted::BusinessHours, None) => Some(started_at + TimeDelta::minutes(i64::from(minutes))),
    };
    Due { first_response: level.first_response_minutes.and_then(after), resolution: level.resolution_minutes.and_then(after) }
}
