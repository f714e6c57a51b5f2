//! Adds minutes of opening time to a moment.

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

use crate::tools::business_hours::Week;

/// A year of days: who opens less than the longest target within it never opens.
const DAYS: i64 = 400;

/// The moment at which the business has been open for `minutes` since `start`; `None` when it never is.
///
/// Goes interval by interval in absolute time, so a day on which the clocks change has the minutes it really has.
pub(super) fn after(week: &Week, zone: Tz, start: DateTime<Utc>, minutes: u32) -> Option<DateTime<Utc>> {
    let mut left = TimeDelta::minutes(i64::from(minutes));
    let mut counted_until = start;
    let first_day = start.with_timezone(&zone).date_naive().pred_opt()?;
    for ahead in 0..DAYS {
        for (opens, closes) in week.beginning_on(first_day + TimeDelta::days(ahead)) {
            // Intervals may overlap: what has been counted is not counted again.
            let from = moment(zone, opens).max(counted_until);
            let open_for = moment(zone, closes) - from;
            if open_for <= TimeDelta::zero() {
                continue;
            }
            if left <= open_for {
                return Some(from + left);
            }
            left -= open_for;
            counted_until = from + open_for;
        }
    }
    None
}

/// A wall-clock time as a moment. One that the clocks skip is the moment they skip at; of one that comes twice, the first.
fn moment(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    let resolved = zone.from_local_datetime(&local).earliest();
    let after_gap = || zone.from_local_datetime(&(local + TimeDelta::hours(1))).earliest();
    resolved.or_else(after_gap).map_or_else(|| local.and_utc(), |moment| moment.to_utc())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono_tz::America::{Argentina::Buenos_Aires, New_York};

    use super::*;

    fn week(days: &[(&str, &str, &str)]) -> Week {
        let mut hours: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for (day, opens, closes) in days {
            hours.entry((*day).to_owned()).or_default().push(((*opens).to_owned(), (*closes).to_owned()));
        }
        Week::read(&hours).unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn only_open_minutes_count_over_lunch_nights_and_weekends() {
        let week = week(&[("mon", "09:00", "13:00"), ("mon", "16:00", "20:00"), ("tue", "09:00", "13:00")]);
        // 23 November 2026 is a Monday; Buenos Aires is three hours behind UTC.
        let due = |start: &str, minutes| after(&week, Buenos_Aires, at(start), minutes).unwrap();
        assert_eq!(due("2026-11-23T15:30:00Z", 15), at("2026-11-23T15:45:00Z"), "within the morning");
        assert_eq!(due("2026-11-23T15:30:00Z", 30), at("2026-11-23T16:00:00Z"), "to the last minute");
        assert_eq!(due("2026-11-23T15:30:00Z", 31), at("2026-11-23T19:01:00Z"), "over lunch");
        assert_eq!(due("2026-11-23T23:30:00Z", 10), at("2026-11-24T12:10:00Z"), "over night");
        assert_eq!(due("2026-11-24T17:00:00Z", 10), at("2026-11-30T12:10:00Z"), "to the next week");
        assert_eq!(due("2026-11-23T15:30:00Z", 0), at("2026-11-23T15:30:00Z"));
    }

    #[test]
    fn a_night_shift_and_overlapping_hours_are_counted_once() {
        let night = week(&[("sat", "20:00", "02:00"), ("sat", "22:00", "23:00")]);
        // Saturday the 28th at one in the night from Saturday to Sunday: an hour is left, then a week passes.
        let start = at("2026-11-29T04:00:00Z");
        assert_eq!(after(&night, Buenos_Aires, start, 60), Some(at("2026-11-29T05:00:00Z")));
        assert_eq!(after(&night, Buenos_Aires, start, 61), Some(at("2026-12-05T23:01:00Z")));
    }

    #[test]
    fn the_hour_that_the_clocks_skip_is_not_open_and_the_one_they_repeat_is() {
        let early = week(&[("sun", "00:00", "06:00")]);
        // On 8 March 2026 New York skips two to three o'clock, on 1 November it repeats one to two.
        let spring = after(&early, New_York, at("2026-03-08T05:00:00Z"), 300).unwrap();
        assert_eq!(spring, at("2026-03-08T10:00:00Z"), "five hours from midnight to six");
        let autumn = after(&early, New_York, at("2026-11-01T04:00:00Z"), 420).unwrap();
        assert_eq!(autumn, at("2026-11-01T11:00:00Z"), "seven hours from midnight to six");
        assert_eq!(after(&week(&[]), New_York, at("2026-11-01T04:00:00Z"), 1), None, "never open");
    }
}
