//! Follows what the provider says about templates: status, category, quality. A report names the WhatsApp account, not a
//! number, and may come late or twice: the newest by the provider's clock counts.

use chrono::{DateTime, Utc};
use nexus_core::ids::{ChannelId, TenantId};
use nexus_core::live::LiveEvent;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::providers::TemplateReport;

/// What a batch says about one template.
#[derive(Clone, Debug)]
pub struct Observation {
    /// The report.
    pub report: TemplateReport,
    /// The channel by whose own URL it came; it speaks for that business only.
    pub came_by: Option<ChannelId>,
}

/// Writes them down, oldest first, and answers what the screens should hear. A template that is not known here is read by
/// the next sync.
pub async fn follow(conn: &mut PgConnection, observations: &[Observation]) -> Result<Vec<LiveEvent>, sqlx::Error> {
    let mut sorted: Vec<&Observation> = observations.iter().collect();
    sorted.sort_by_key(|observation| observation.report.reported_at);
    let mut live = Vec::new();
    for observation in sorted {
        for (tenant, template, channel) in apply(conn, observation).await? {
            let data = json!({ "template_id": template, "channel_id": channel });
            live.push(LiveEvent { tenant, kind: "template.status", data });
        }
    }
    Ok(live)
}

/// A report that is older than what was read from the provider is of no use; its clock and ours may differ a little.
async fn apply(conn: &mut PgConnection, observation: &Observation) -> Result<Vec<(TenantId, Uuid, ChannelId)>, sqlx::Error> {
    let report = &observation.report;
    let at: DateTime<Utc> = report.reported_at;
    sqlx::query_as(
        "UPDATE message_templates m
         SET status = coalesce($4, m.status), category = coalesce($5, m.category), quality = coalesce($6, m.quality),
             rejection_reason = CASE WHEN $4 IS NULL THEN m.rejection_reason ELSE $7 END,
             provider_id = coalesce($8, m.provider_id), reported_at = $9, revision = m.revision + 1, updated_at = now()
         FROM (SELECT t.tenant_id, t.id FROM message_templates t
               WHERE t.waba_id = $1 AND t.waba_id <> '' AND t.name = $2 AND t.language = $3
                 AND ($10::uuid IS NULL
                      OR t.tenant_id = (SELECT c.tenant_id FROM channels c WHERE c.id = $10 AND c.tenant_id = t.tenant_id))
                 AND coalesce(t.reported_at <= $9, true) AND coalesce(t.synced_at - interval '5 minutes' <= $9, true)
               ORDER BY t.tenant_id, t.id FOR UPDATE) AS named
         WHERE m.tenant_id = named.tenant_id AND m.id = named.id
         RETURNING m.tenant_id, m.id, m.channel_id",
    )
    .bind(&report.account)
    .bind(&report.name)
    .bind(&report.language)
    .bind(report.status.as_deref())
    .bind(report.category.as_deref())
    .bind(report.quality.as_deref())
    .bind(report.reason.as_deref())
    .bind(report.provider_id.as_deref())
    .bind(at)
    .bind(observation.came_by)
    .fetch_all(conn)
    .await
}
