//! How a business is set up. `GET` and `PATCH /tenants/{tenant_id}/settings`.

mod change;
mod handler;
mod store;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::guard::Guard;
use crate::auth::Permission;
use crate::holidays::{ClosedDate, Country};
use crate::routes::AppState;

pub(super) fn routes(guard: &Guard) -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(guard.tenant(Permission::SettingsRead, routes!(handler::read)))
        .routes(guard.tenant(Permission::SettingsRead, routes!(handler::holidays)))
        .routes(guard.tenant(Permission::SettingsWrite, routes!(handler::change)))
}

/// Opening hours: weekday (`mon` to `sun`) to intervals of local time; a missing day is closed.
type BusinessHours = BTreeMap<String, Vec<(String, String)>>;

/// How a business is set up.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct Settings {
    /// What customers know it by.
    pub name: String,
    /// `es`, `pt` or `en`.
    pub language: String,
    /// An IANA name.
    pub time_zone: String,
    /// Where it is.
    pub location: Option<String>,
    /// Its site.
    pub website: Option<String>,
    /// What it does.
    pub description: Option<String>,
    /// Weekday (`mon` to `sun`) to intervals as `["09:00", "18:00"]`; null means nobody has said.
    #[schema(value_type = Option<BTreeMap<String, Vec<Vec<String>>>>)]
    pub business_hours: Option<BusinessHours>,
    /// Milliseconds of silence after which the assistant answers; null means the installation's.
    pub burst_window_ms: Option<i32>,
    /// The longest a burst may grow, in milliseconds; null means the installation's.
    pub burst_ceiling_ms: Option<i32>,
    /// The typing pause between two bubbles, in milliseconds; null means the installation's.
    pub bubble_delay_ms: Option<i32>,
    /// Hours for which the assistant keeps silent after a person has answered.
    pub silence_window_hours: i32,
    /// Who is mailed about handoffs.
    pub handoff_emails: Vec<String>,
    /// Whose public holidays are offered.
    pub country: Option<Country>,
    /// Whether it is closed on the public holidays of its country.
    pub closed_on_holidays: bool,
    /// When else it is closed, all day.
    pub closed_dates: Vec<ClosedDate>,
    /// After how many days messages are removed; null keeps them.
    pub retention_message_days: Option<i32>,
    /// After how many days pictures, sounds and files are removed; null keeps them as long as their messages.
    pub retention_media_days: Option<i32>,
    /// After how many days the raw requests of the provider are removed; null: 30.
    pub retention_webhook_days: Option<i32>,
    /// After how many days the assistant's working notes are removed; null: 90.
    pub retention_trace_days: Option<i32>,
    /// Since when the operator has suspended it.
    pub suspended_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}
