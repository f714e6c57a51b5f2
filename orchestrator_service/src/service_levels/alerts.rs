//! Warnings and breaches of one case: each raised once, by a unique row written in the transaction that raises it.

use chrono::{DateTime, TimeDelta, Utc};
use nexus_core::ids::{ConversationId, TenantId};
use nexus_core::live::LiveEvent;
use nexus_core::system_events::{self, Severity, SystemEvent};
use nexus_core::tenancy::TenantTx;
use serde_json::json;
use uuid::Uuid;

use super::{Due, ServiceLevel, mail};

/// What is watched.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Of which conversation.
    pub conversation: ConversationId,
    /// Whose it is.
    pub user: Option<Uuid>,
    /// Which team's.
    pub team: Option<Uuid>,
    /// Since when.
    pub started_at: DateTime<Utc>,
    /// When a person answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// When it was resolved or returned.
    pub ended_at: Option<DateTime<Utc>>,
}

/// What came of watching.
#[derive(Debug, Default)]
pub struct Watch {
    /// The time was up before a person answered.
    pub first_response_breached_at: Option<DateTime<Utc>>,
    /// The time was up before it was resolved.
    pub resolution_breached_at: Option<DateTime<Utc>>,
    /// When to look again.
    pub next: Option<DateTime<Utc>>,
    /// What was raised.
    pub raised: Raised,
}

/// What the screens hear.
#[derive(Debug, Default)]
pub struct Raised {
    /// Publish them after the commit.
    pub live: Vec<LiveEvent>,
    /// Whether jobs were queued.
    pub has_mail: bool,
}

/// One of the two targets.
struct Target {
    name: &'static str,
    due_at: DateTime<Utc>,
    /// When it was met, or no longer asked for.
    settled_at: Option<DateTime<Utc>>,
}

impl Target {
    fn is_breached(&self, now: DateTime<Utc>) -> bool {
        self.settled_at.unwrap_or(now) > self.due_at
    }
}

/// Raises what is to be raised as of now.
pub async fn watch(
    tx: &mut TenantTx,
    level: &ServiceLevel,
    due: Due,
    case: Case,
    now: DateTime<Utc>,
) -> Result<Watch, sqlx::Error> {
    let mut watch = Watch::default();
    let first = due.first_response.map(|due_at| Target {
        name: "first_response",
        due_at,
        settled_at: case.answered_at.or(case.ended_at),
    });
    let last = due.resolution.map(|due_at| Target { name: "resolution", due_at, settled_at: case.ended_at });
    if let Some(target) = &first {
        watch.first_response_breached_at = watch_one(tx, level, case, target, now, &mut watch).await?;
    }
    if let Some(target) = &last {
        watch.resolution_breached_at = watch_one(tx, level, case, target, now, &mut watch).await?;
    }
    Ok(watch)
}

async fn watch_one(
    tx: &mut TenantTx,
    level: &ServiceLevel,
    case: Case,
    target: &Target,
    now: DateTime<Utc>,
    watch: &mut Watch,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    if target.is_breached(now) {
        raise(tx, level, case, target, "breach", &mut watch.raised).await?;
        return Ok(Some(target.due_at));
    }
    if target.settled_at.is_some() {
        return Ok(None);
    }
    let warn_at = target.due_at - TimeDelta::minutes(i64::from(level.warn_before_minutes));
    let is_warned_of = level.warn_before_minutes > 0;
    if is_warned_of && warn_at <= now {
        raise(tx, level, case, target, "warning", &mut watch.raised).await?;
    }
    // A moment after: at the very time it is not late yet.
    let late_at = target.due_at + TimeDelta::milliseconds(1);
    let next = if is_warned_of && warn_at > now { warn_at } else { late_at };
    watch.next = Some(watch.next.map_or(next, |known| known.min(next)));
    Ok(None)
}

/// Once, whoever asks: the system event, the live notice and the mails follow from the row.
async fn raise(
    tx: &mut TenantTx,
    level: &ServiceLevel,
    case: Case,
    target: &Target,
    stage: &'static str,
    raised: &mut Raised,
) -> Result<(), sqlx::Error> {
    let tenant = tx.tenant();
    let written = sqlx::query(
        "INSERT INTO service_level_alerts (tenant_id, conversation_id, case_started_at, target, stage, due_at, user_id, team_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
    )
    .bind(tenant)
    .bind(case.conversation)
    .bind(case.started_at)
    .bind(target.name)
    .bind(stage)
    .bind(target.due_at)
    .bind(case.user)
    .bind(case.team)
    .execute(&mut **tx)
    .await?;
    if written.rows_affected() == 0 {
        return Ok(());
    }
    let kind = if stage == "breach" { "service_level_breached" } else { "service_level_warning" };
    let detail = json!({ "target": target.name, "due_at": target.due_at, "user_id": case.user, "team_id": case.team });
    let conversation = Some(case.conversation);
    let event = SystemEvent { tenant: Some(tenant), kind, severity: Severity::Warning, conversation, detail: &detail };
    system_events::record(tx, event).await?;
    if stage == "breach" {
        note_in_thread(tx, case.conversation, target.name).await?;
    }
    raised.live.push(notice(tenant, case, target, stage));
    if level.mails_supervisors {
        raised.has_mail |= mail::queue(tx, case, target.name, stage).await?;
    }
    Ok(())
}

async fn note_in_thread(tx: &mut TenantTx, conversation: ConversationId, target: &str) -> Result<(), sqlx::Error> {
    let tenant = tx.tenant();
    sqlx::query(
        "INSERT INTO conversation_events (tenant_id, id, conversation_id, kind, detail, at)
         VALUES ($1, $2, $3, 'service_level_breached', jsonb_build_object('target', $4::text), clock_timestamp())",
    )
    .bind(tenant)
    .bind(Uuid::now_v7())
    .bind(conversation)
    .bind(target)
    .execute(&mut **tx)
    .await
    .map(drop)
}

fn notice(tenant: TenantId, case: Case, target: &Target, stage: &str) -> LiveEvent {
    let data = json!({
        "about": "service_level", "stage": stage, "target": target.name, "due_at": target.due_at,
        "conversation_id": case.conversation, "user_id": case.user, "team_id": case.team,
    });
    LiveEvent { tenant, kind: "notice", data }
}
