//! What a `PATCH` may say: an absent field stays, null resets.

use serde::Deserialize;
use utoipa::ToSchema;

use super::{BusinessHours, Settings};
use crate::admin::api_error::{ApiError, FieldCode};
use crate::admin::extract::{FieldErrors, Validate, present};
use crate::tools::business_hours::Week;

const LONGEST_TEXT: usize = 4_000;
const LONGEST_NAME: usize = 200;
const MOST_EMAILS: usize = 20;

/// The fields to change.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::admin) struct SettingsChange {
    /// What customers know it by.
    name: Option<String>,
    /// `es`, `pt` or `en`.
    language: Option<String>,
    /// An IANA name.
    time_zone: Option<String>,
    /// Where it is.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    location: Option<Option<String>>,
    /// Its site.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    website: Option<Option<String>>,
    /// What it does.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    description: Option<Option<String>>,
    /// Weekday (`mon` to `sun`) to intervals as `["09:00", "18:00"]`.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, Vec<Vec<String>>>>)]
    business_hours: Option<Option<BusinessHours>>,
    /// Milliseconds of silence after which the assistant answers.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i32>)]
    burst_window_ms: Option<Option<i32>>,
    /// The longest a burst may grow, in milliseconds.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i32>)]
    burst_ceiling_ms: Option<Option<i32>>,
    /// The typing pause between two bubbles, in milliseconds.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i32>)]
    bubble_delay_ms: Option<Option<i32>>,
    /// Hours for which the assistant keeps silent after a person has answered.
    silence_window_hours: Option<i32>,
    /// Who is mailed about handoffs.
    handoff_emails: Option<Vec<String>>,
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
        let emails = self.handoff_emails.as_deref().unwrap_or_default();
        found.expect(emails.len() <= MOST_EMAILS, "handoff_emails", FieldCode::TooLong, "must have at most 20 addresses");
        for (index, email) in emails.iter().enumerate() {
            found.email(&format!("handoff_emails[{index}]"), email);
        }
    }
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
