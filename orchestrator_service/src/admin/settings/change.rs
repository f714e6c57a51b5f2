//! What a `PATCH` may say: an absent field stays, null resets.

use serde::Deserialize;
use utoipa::ToSchema;

use super::{BusinessHours, Settings};
use crate::admin::api_error::{ApiError, FieldCode};
use crate::admin::extract::{FieldErrors, Validate, present};
use crate::holidays::{ClosedDate, Country};
use crate::tools::business_hours::Week;

const LONGEST_TEXT: usize = 4_000;
const LONGEST_NAME: usize = 200;
const MOST_EMAILS: usize = 20;
const MOST_CLOSED_DATES: usize = 200;
/// Why a day is closed, in characters.
const LONGEST_REASON: usize = 80;

/// The fields to change.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::admin) struct SettingsChange {
    /// What customers know it by.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    name: Option<String>,
    /// `es`, `pt` or `en`.
    #[schema(pattern = "^(es|pt|en)$")]
    language: Option<String>,
    /// An IANA name.
    time_zone: Option<String>,
    /// Where it is.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 4000)]
    location: Option<Option<String>>,
    /// Its site.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 4000)]
    website: Option<Option<String>>,
    /// What it does.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 4000)]
    description: Option<Option<String>>,
    /// Weekday (`mon` to `sun`) to intervals as `["09:00", "18:00"]`.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, Vec<Vec<String>>>>)]
    business_hours: Option<Option<BusinessHours>>,
    /// Milliseconds of silence after which the assistant answers.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 60000)]
    burst_window_ms: Option<Option<i32>>,
    /// The longest a burst may grow, in milliseconds.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 120000)]
    burst_ceiling_ms: Option<Option<i32>>,
    /// The typing pause between two bubbles, in milliseconds.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 30000)]
    bubble_delay_ms: Option<Option<i32>>,
    /// Hours for which the assistant keeps silent after a person has answered.
    #[schema(minimum = 1, maximum = 720)]
    silence_window_hours: Option<i32>,
    /// Who is mailed about handoffs.
    #[schema(max_items = 20)]
    handoff_emails: Option<Vec<String>>,
    /// Whose public holidays are offered.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<Country>)]
    country: Option<Option<Country>>,
    /// Whether it is closed on the public holidays of its country.
    closed_on_holidays: Option<bool>,
    /// When else it is closed, all day; all of them, in place of the ones before.
    #[schema(max_items = 200)]
    closed_dates: Option<Vec<ClosedDate>>,
    /// After how many days messages are removed; null keeps them.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i32>, minimum = 30, maximum = 3650)]
    retention_message_days: Option<Option<i32>>,
    /// After how many days pictures, sounds and files are removed; null keeps them as long as their messages.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i32>, minimum = 7, maximum = 3650)]
    retention_media_days: Option<Option<i32>>,
    /// After how many days the raw requests of the provider are removed; null: 30.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 365)]
    retention_webhook_days: Option<Option<i32>>,
    /// After how many days the assistant's working notes are removed; null: 90.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 365)]
    retention_trace_days: Option<Option<i32>>,
}

impl Validate for SettingsChange {
    fn validate(&self, found: &mut FieldErrors) {
        if let Some(name) = &self.name {
            found.text("name", name, LONGEST_NAME);
        }
        let is_language = self.language.as_deref().is_none_or(|language| matches!(language, "es" | "pt" | "en"));
        found.expect(is_language, "language", FieldCode::Invalid, "must be es, pt or en");
        let is_zone = self.time_zone.as_ref().is_none_or(|zone| zone.parse::<chrono_tz::Tz>().is_ok());
        found.expect(is_zone, "time_zone", FieldCode::Invalid, "must be an IANA name such as America/Sao_Paulo");
        for (field, text) in [("location", &self.location), ("website", &self.website), ("description", &self.description)] {
            if let Some(Some(text)) = text {
                found.longest(field, text, LONGEST_TEXT);
            }
        }
        let are_hours = self.business_hours.as_ref().and_then(Option::as_ref).is_none_or(|hours| Week::read(hours).is_some());
        let shape = r#"must look like {"mon": [["09:00", "18:00"]]}, days mon to sun"#;
        found.expect(are_hours, "business_hours", FieldCode::Invalid, shape);
        found.range("burst_window_ms", self.burst_window_ms.flatten(), 0..=60_000);
        found.range("burst_ceiling_ms", self.burst_ceiling_ms.flatten(), 0..=120_000);
        found.range("bubble_delay_ms", self.bubble_delay_ms.flatten(), 0..=30_000);
        found.range("silence_window_hours", self.silence_window_hours, 1..=720);
        found.range("retention_message_days", self.retention_message_days.flatten(), 30..=3650);
        found.range("retention_media_days", self.retention_media_days.flatten(), 7..=3650);
        found.range("retention_webhook_days", self.retention_webhook_days.flatten(), 1..=365);
        found.range("retention_trace_days", self.retention_trace_days.flatten(), 1..=365);
        let dates = self.closed_dates.as_deref().unwrap_or_default();
        found.expect(dates.len() <= MOST_CLOSED_DATES, "closed_dates", FieldCode::TooLong, "must have at most 200 dates");
        for (index, closed) in dates.iter().enumerate() {
            found.text(&format!("closed_dates[{index}].name"), &closed.name, LONGEST_REASON);
            let is_again = dates[..index].iter().any(|before| before.date == closed.date);
            found.expect(!is_again, &format!("closed_dates[{index}].date"), FieldCode::Invalid, "is there already");
        }
        let emails = self.handoff_emails.as_deref().unwrap_or_default();
        found.expect(emails.len() <= MOST_EMAILS, "handoff_emails", FieldCode::TooLong, "must have at most 20 addresses");
        for (index, email) in emails.iter().enumerate() {
            found.email(&format!("handoff_emails[{index}]"), email);
        }
    }
}

fn in_order(mut dates: Vec<ClosedDate>) -> Vec<ClosedDate> {
    dates.sort();
    dates
}

impl SettingsChange {
    /// The settings as they will be, or why they cannot be together.
    pub(super) fn apply(self, old: &Settings) -> Result<Settings, ApiError> {
        let trimmed = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let optional = |new: Option<Option<String>>, old: &Option<String>| new.map_or_else(|| old.clone(), trimmed);
        let new = Settings {
            name: self.name.map_or_else(|| old.name.clone(), |name| name.trim().to_owned()),
            language: self.language.unwrap_or_else(|| old.language.clone()),
            time_zone: self.time_zone.unwrap_or_else(|| old.time_zone.clone()),
            location: optional(self.location, &old.location),
            website: optional(self.website, &old.website),
            description: optional(self.description, &old.description),
            business_hours: self.business_hours.unwrap_or_else(|| old.business_hours.clone()),
            burst_window_ms: self.burst_window_ms.unwrap_or(old.burst_window_ms),
            burst_ceiling_ms: self.burst_ceiling_ms.unwrap_or(old.burst_ceiling_ms),
            bubble_delay_ms: self.bubble_delay_ms.unwrap_or(old.bubble_delay_ms),
            silence_window_hours: self.silence_window_hours.unwrap_or(old.silence_window_hours),
            handoff_emails: self.handoff_emails.unwrap_or_else(|| old.handoff_emails.clone()),
            country: self.country.unwrap_or(old.country),
            closed_on_holidays: self.closed_on_holidays.unwrap_or(old.closed_on_holidays),
            closed_dates: self.closed_dates.map_or_else(|| old.closed_dates.clone(), in_order),
            retention_message_days: self.retention_message_days.unwrap_or(old.retention_message_days),
            retention_media_days: self.retention_media_days.unwrap_or(old.retention_media_days),
            retention_webhook_days: self.retention_webhook_days.unwrap_or(old.retention_webhook_days),
            retention_trace_days: self.retention_trace_days.unwrap_or(old.retention_trace_days),
            suspended_at: old.suspended_at,
            updated_at: old.updated_at,
        };
        match (new.burst_window_ms, new.burst_ceiling_ms) {
            (Some(window), Some(ceiling)) if ceiling < window => {
                Err(ApiError::field("burst_ceiling_ms", FieldCode::OutOfRange, "must not be less than burst_window_ms"))
            }
            _ => Ok(new),
        }
    }
}
