//! `business_hours`: when the business is open, in its own time zone.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Timelike as _};
use chrono_tz::Tz;
use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde_json::{Value, json};

use super::days_off::DaysOff;
use super::{Effect, Tool, ToolContext, ToolError, request_handoff::schema_of};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MINUTES_OF_DAY: u32 = 24 * 60;
/// Days off in a row after which the next opening is nobody's guess.
const MOST_DAYS_OFF: usize = 60;

/// The tool.
#[derive(Clone, Copy, Debug)]
pub struct BusinessHours;

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Arguments {}

impl Tool for BusinessHours {
    fn name(&self) -> &'static str {
        "business_hours"
    }

    fn description(&self) -> &'static str {
        "The opening hours of the business by weekday, whether it is open right now, and when it opens next."
    }

    fn effect(&self) -> Effect {
        Effect::Reads
    }

    fn schema(&self) -> Value {
        schema_of::<Arguments>()
    }

    fn run<'a>(&'a self, context: &'a ToolContext<'a>, _: Value) -> BoxFuture<'a, Result<Value, ToolError>> {
        Box::pin(async move {
            let mut tx = context.db.tenant(context.tenant).await?;
            let (hours, zone): (Option<Value>, String) =
                sqlx::query_as("SELECT business_hours, time_zone FROM tenants WHERE id = $1")
                    .bind(context.tenant)
                    .fetch_one(&mut *tx)
                    .await?;
            let closed = DaysOff::of_tenant(&mut tx).await?;
            tx.commit().await?;
            let zone: Tz = zone.parse().unwrap_or(chrono_tz::UTC);
            let week = hours.and_then(|hours| serde_json::from_value(hours).ok()).and_then(|hours| Week::read(&hours));
            let nobody_has_said = || ToolError::Words("nobody has said when the business is open; do not guess".to_owned());
            Ok(week.ok_or_else(nobody_has_said)?.describe(context.now.with_timezone(&zone), &closed))
        })
    }
}

/// Opening hours by weekday, in minutes of the local day. An interval that ends before it begins lasts into the next day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Week([Vec<(u32, u32)>; 7]);

impl Week {
    /// Reads what stands in `tenants.business_hours`; `None` when a day or a time cannot be read.
    #[must_use]
    pub fn read(hours: &BTreeMap<String, Vec<(String, String)>>) -> Option<Self> {
        let mut week = <[Vec<(u32, u32)>; 7]>::default();
        for (day, intervals) in hours {
            let index = DAYS.iter().position(|known| known == day)?;
            for (opens, closes) in intervals {
                week[index].push((minutes(opens)?, minutes(closes)?));
            }
            week[index].sort_unstable();
        }
        Some(Self(week))
    }

    fn describe(&self, local: DateTime<Tz>, closed: &DaysOff) -> Value {
        let days: Vec<Value> =
            DAYS.iter().zip(&self.0).map(|(day, hours)| json!({ "day": day, "hours": spans(hours) })).collect();
        let today = closed.on(local.date_naive());
        let is_open_now = today.is_none() && self.is_open(&local);
        let next_opening = if is_open_now { None } else { self.next_opening_but(&local, closed) };
        json!({
            "is_open_now": is_open_now,
            "days": days,
            "local_time": local.format("%A %H:%M").to_string(),
            "next_opening": next_opening.map(|opens| opens.format("%A %-d %B, %H:%M").to_string()),
            "closed_today_because": today,
            "closed_dates_ahead": closed.ahead_of(local.date_naive()),
        })
    }

    /// The first opening on a day that is not off; within two months, or nobody knows.
    fn next_opening_but(&self, local: &DateTime<Tz>, closed: &DaysOff) -> Option<DateTime<Tz>> {
        let mut from = *local;
        for _ in 0..MOST_DAYS_OFF {
            let opens = self.next_opening(&from)?;
            if closed.on(opens.date_naive()).is_none() {
                return Some(opens);
            }
            from = local.timezone().from_local_datetime(&opens.date_naive().and_hms_opt(23, 59, 59)?).latest()?;
        }
        None
    }

    /// Whether it is open at a moment.
    #[must_use]
    pub fn is_open(&self, local: &DateTime<Tz>) -> bool {
        let now = local.hour() * 60 + local.minute();
        let today = local.weekday().num_days_from_monday() as usize;
        let is_open_since_today = |&(opens, closes): &(u32, u32)| now >= opens && (now < closes || closes <= opens);
        let is_open_since_yesterday = |&(opens, closes): &(u32, u32)| closes <= opens && now < closes;
        self.0[today].iter().any(is_open_since_today) || self.0[(today + 6) % 7].iter().any(is_open_since_yesterday)
    }

    /// The intervals that begin on a date, in local wall-clock time; one may end on the next day.
    #[must_use]
    pub fn beginning_on(&self, date: NaiveDate) -> Vec<(NaiveDateTime, NaiveDateTime)> {
        let midnight = date.and_time(NaiveTime::MIN);
        let at = |minutes: u32| midnight + TimeDelta::minutes(i64::from(minutes));
        let intervals = &self.0[date.weekday().num_days_from_monday() as usize];
        let ends = |opens: u32, closes: u32| if closes <= opens { at(closes + MINUTES_OF_DAY) } else { at(closes) };
        intervals.iter().map(|(opens, closes)| (at(*opens), ends(*opens, *closes))).collect()
    }

    /// The first opening after now; found day by day because a day is not always 24 hours long.
    #[must_use]
    pub fn next_opening(&self, local: &DateTime<Tz>) -> Option<DateTime<Tz>> {
        (0..=7).find_map(|ahead| {
            let date = local.date_naive() + TimeDelta::days(ahead);
            let intervals = &self.0[date.weekday().num_days_from_monday() as usize];
            intervals.iter().find_map(|(opens, _)| {
                let time = NaiveTime::from_num_seconds_from_midnight_opt(opens * 60, 0)?;
                local.timezone().from_local_datetime(&date.and_time(time)).earliest().filter(|opens| opens > local)
            })
        })
    }
}

fn minutes(text: &str) -> Option<u32> {
    if text == "24:00" {
        return Some(MINUTES_OF_DAY);
    }
    let time = NaiveTime::parse_from_str(text, "%H:%M").ok()?;
    (text.len() == 5).then(|| time.hour() * 60 + time.minute())
}

fn spans(hours: &[(u32, u32)]) -> Vec<String> {
    let clock = |minutes: u32| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    hours.iter().map(|(opens, closes)| format!("{}–{}", clock(*opens), clock(*closes))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::America::Argentina::Buenos_Aires;

    fn week() -> Week {
        let day = |spans: &[(&str, &str)]| spans.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let hours = BTreeMap::from([
            ("mon".to_owned(), day(&[("17:00", "21:00"), ("09:00", "13:00")])),
            ("sat".to_owned(), day(&[("20:00", "02:00")])),
        ]);
        Week::read(&hours).unwrap()
    }

    fn at(day: u32, hour: u32, minute: u32) -> DateTime<Tz> {
        // 23 November 2026 is a Monday.
        Buenos_Aires.with_ymd_and_hms(2026, 11, day, hour, minute, 0).unwrap()
    }

    #[test]
    fn open_is_from_the_first_minute_to_before_the_last() {
        let week = week();
        assert!(week.is_open(&at(23, 9, 0)) && week.is_open(&at(23, 12, 59)));
        assert!(!week.is_open(&at(23, 13, 0)) && !week.is_open(&at(24, 10, 0)));
        assert!(week.is_open(&at(28, 23, 0)) && week.is_open(&at(29, 1, 59)) && !week.is_open(&at(29, 2, 0)));
    }

    #[test]
    fn the_next_opening_skips_closed_days() {
        assert_eq!(week().next_opening(&at(23, 13, 30)), Some(at(23, 17, 0)));
        assert_eq!(week().next_opening(&at(23, 22, 0)), Some(at(28, 20, 0)));
        let described = week().describe(at(23, 8, 0), &DaysOff::default());
        assert_eq!(described["is_open_now"], false);
        assert_eq!(described["next_opening"], "Monday 23 November, 09:00");
        assert_eq!(described["days"][0], json!({"day": "mon", "hours": ["09:00–13:00", "17:00–21:00"]}));
    }

    #[test]
    fn a_day_off_is_closed_and_skipped() {
        let date = |day| chrono::NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        let closed = DaysOff::from([(date(23), "Inventario".to_owned()), (date(28), "Aniversario".to_owned())]);
        let described = week().describe(at(23, 10, 0), &closed);
        assert_eq!((&described["is_open_now"], &described["closed_today_because"]), (&json!(false), &json!("Inventario")));
        assert_eq!(described["next_opening"], "Monday 30 November, 09:00");
        assert_eq!(described["closed_dates_ahead"][1], json!({ "date": "2026-11-28", "name": "Aniversario" }));
    }

    #[test]
    fn what_is_no_day_and_no_time_is_refused() {
        for (day, opens) in [("lun", "09:00"), ("mon", "9"), ("mon", "25:00")] {
            let hours = BTreeMap::from([(day.to_owned(), vec![(opens.to_owned(), "18:00".to_owned())])]);
            assert_eq!(Week::read(&hours), None, "{day} {opens}");
        }
    }
}
