//! The settings in Postgres.

use nexus_core::ids::TenantId;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, Row as _};

use super::{BusinessHours, Settings};
use crate::holidays::ClosedDate;

impl FromRow<'_, PgRow> for Settings {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            name: row.try_get("name")?,
            language: row.try_get("language")?,
            time_zone: row.try_get("time_zone")?,
            location: row.try_get("location")?,
            website: row.try_get("website")?,
            description: row.try_get("description")?,
            business_hours: row.try_get::<Option<Json<BusinessHours>>, _>("business_hours")?.map(|hours| hours.0),
            burst_window_ms: row.try_get("burst_window_ms")?,
            burst_ceiling_ms: row.try_get("burst_ceiling_ms")?,
            bubble_delay_ms: row.try_get("bubble_delay_ms")?,
            silence_window_hours: row.try_get("silence_window_hours")?,
            handoff_emails: row.try_get("handoff_emails")?,
            country: row.try_get("country")?,
            closed_on_holidays: row.try_get("closed_on_holidays")?,
            closed_dates: row.try_get::<Json<Vec<ClosedDate>>, _>("closed_dates")?.0,
            retention_message_days: row.try_get("retention_message_days")?,
            retention_media_days: row.try_get("retention_media_days")?,
            retention_webhook_days: row.try_get("retention_webhook_days")?,
            retention_trace_days: row.try_get("retention_trace_days")?,
            suspended_at: row.try_get("suspended_at")?,
            updated_at: row.try_get("updated_at")?,
        })
    }
}

/// Reads them.
pub(super) async fn read(conn: &mut PgConnection, tenant: TenantId) -> Result<Option<Settings>, sqlx::Error> {
    sqlx::query_as(
        "SELECT name, language, time_zone, location, website, description, business_hours, burst_window_ms, burst_ceiling_ms,
                bubble_delay_ms, silence_window_hours, handoff_emails, country, closed_on_holidays, closed_dates, retention_message_days,
                retention_media_days, retention_webhook_days, retention_trace_days, suspended_at, updated_at
         FROM tenants WHERE id = $1",
    )
    .bind(tenant)
    .fetch_optional(conn)
    .await
}

/// Reads them and keeps others from changing them until the transaction ends.
pub(super) async fn lock(conn: &mut PgConnection, tenant: TenantId) -> Result<Option<Settings>, sqlx::Error> {
    sqlx::query("SELECT id FROM tenants WHERE id = $1 FOR UPDATE").bind(tenant).execute(&mut *conn).await?;
    read(conn, tenant).await
}

/// Writes them, and answers what stands there now.
pub(super) async fn write(conn: &mut PgConnection, tenant: TenantId, settings: &Settings) -> Result<Settings, sqlx::Error> {
    sqlx::query_as(
        "UPDATE tenants SET name = $2, language = $3, time_zone = $4, location = $5, website = $6, description = $7,
                business_hours = $8, burst_window_ms = $9, burst_ceiling_ms = $10, bubble_delay_ms = $11,
                silence_window_hours = $12, handoff_emails = $13, country = $14, closed_on_holidays = $15, closed_dates = $16,
                retention_message_days = $17, retention_media_days = $18, retention_webhook_days = $19,
                retention_trace_days = $20,
                updated_at = greatest(now(), updated_at + interval '1 microsecond')
         WHERE id = $1
         RETURNING name, language, time_zone, location, website, description, business_hours, burst_window_ms, burst_ceiling_ms,
                   bubble_delay_ms, silence_window_hours, handoff_emails, country, closed_on_holidays, closed_dates,
                   retention_message_days, retention_media_days, retention_webhook_days, retention_trace_days, suspended_at, updated_at",
    )
    .bind(tenant)
    .bind(&settings.name)
    .bind(&settings.language)
    .bind(&settings.time_zone)
    .bind(&settings.location)
    .bind(&settings.website)
    .bind(&settings.description)
    .bind(settings.business_hours.as_ref().map(Json))
    .bind(settings.burst_window_ms)
    .bind(settings.burst_ceiling_ms)
    .bind(settings.bubble_delay_ms)
    .bind(settings.silence_window_hours)
    .bind(&settings.handoff_emails)
    .bind(settings.country)
    .bind(settings.closed_on_holidays)
    .bind(Json(&settings.closed_dates))
    .bind(settings.retention_message_days)
    .bind(settings.retention_media_days)
    .bind(settings.retention_webhook_days)
    .bind(settings.retention_trace_days)
    .fetch_one(conn)
    .await
}
