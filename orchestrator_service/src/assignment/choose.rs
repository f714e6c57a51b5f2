//! The choice itself. Pure.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use super::Method;
use crate::tools::business_hours::Week;

/// Somebody who is available.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) user: Uuid,
    /// `None`: whenever they are available.
    pub(super) hours: Option<Week>,
    /// Conversations at a time.
    pub(super) most_open: i64,
    /// Conversations now.
    pub(super) open: i64,
    pub(super) last_assigned_at: Option<DateTime<Utc>>,
}

impl Candidate {
    fn is_at_work(&self, now: &DateTime<Tz>) -> bool {
        self.hours.as_ref().is_none_or(|week| week.is_open(now))
    }
}

/// Who gets it; `None` when nobody is at work with room for one more.
pub(super) fn choose(method: Method, candidates: &[Candidate], now: &DateTime<Tz>) -> Option<Uuid> {
    let free = candidates.iter().filter(|candidate| candidate.is_at_work(now) && candidate.open < candidate.most_open);
    // Whoever never got one comes before everybody else; the id makes the rest definite.
    let turn = |candidate: &Candidate| (candidate.last_assigned_at, candidate.user);
    let chosen = match method {
        Method::Manual => None,
        Method::RoundRobin => free.min_by_key(|candidate| turn(candidate)),
        Method::LeastBusy => free.min_by_key(|candidate| (candidate.open, turn(candidate))),
    };
    chosen.map(|candidate| candidate.user)
}

/// When the next of them begins to work.
pub(super) fn next_at_work(candidates: &[Candidate], now: &DateTime<Tz>) -> Option<DateTime<Utc>> {
    let away = candidates.iter().filter(|candidate| !candidate.is_at_work(now));
    away.filter_map(|candidate| candidate.hours.as_ref()?.next_opening(now)).min().map(|opens| opens.to_utc())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::TimeZone as _;
    use chrono_tz::America::Argentina::Buenos_Aires;

    use super::*;

    /// A Monday at eleven.
    fn monday() -> DateTime<Tz> {
        Buenos_Aires.with_ymd_and_hms(2026, 11, 23, 11, 0, 0).unwrap()
    }

    fn candidate(number: u128, open: i64, last: Option<i64>) -> Candidate {
        Candidate {
            user: Uuid::from_u128(number),
            hours: None,
            most_open: 3,
            open,
            last_assigned_at: last.map(|second| DateTime::from_timestamp(second, 0).unwrap()),
        }
    }

    fn working(mut candidate: Candidate, day: &str, opens: &str, closes: &str) -> Candidate {
        let hours = BTreeMap::from([(day.to_owned(), vec![(opens.to_owned(), closes.to_owned())])]);
        candidate.hours = Week::read(&hours);
        candidate
    }

    #[test]
    fn in_turn_means_the_longest_without_and_least_busy_the_fewest() {
        let people = [candidate(1, 0, Some(30)), candidate(2, 2, Some(10)), candidate(3, 1, Some(20))];
        let who = |method| choose(method, &people, &monday()).map(|user| user.as_u128());
        assert_eq!((who(Method::RoundRobin), who(Method::LeastBusy), who(Method::Manual)), (Some(2), Some(1), None));
        let newcomer = [people[0].clone(), candidate(9, 0, None)];
        assert_eq!(choose(Method::RoundRobin, &newcomer, &monday()).unwrap().as_u128(), 9);
    }

    #[test]
    fn whoever_has_enough_or_is_not_at_work_is_passed_over() {
        let full = candidate(1, 3, None);
        let asleep = working(candidate(2, 0, None), "mon", "14:00", "18:00");
        let tomorrow = working(candidate(3, 0, None), "tue", "08:00", "12:00");
        let people = [full, asleep, tomorrow];
        assert_eq!(choose(Method::LeastBusy, &people, &monday()), None);
        assert_eq!(next_at_work(&people, &monday()).unwrap().to_rfc3339(), "2026-11-23T17:00:00+00:00");
        let at_work = working(candidate(4, 2, Some(5)), "mon", "09:00", "13:00");
        assert_eq!(choose(Method::RoundRobin, &[people[0].clone(), at_work], &monday()).unwrap().as_u128(), 4);
    }
}
