//! Asks once about one resolution: the unique row is written in the transaction that queues the question.

use chrono::{DateTime, TimeDelta, Utc};
use nexus_core::ids::MessageId;
use nexus_core::seam::outbox::{self, Author};
use nexus_core::tenancy::TenantTx;
use uuid::Uuid;

use super::SatisfactionRule;
use super::words::compose;
use crate::inbox::conversations::Standing;
use crate::phrases::Language;

/// What was resolved.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// When.
    pub at: DateTime<Utc>,
    /// Whose work it was.
    pub user: Option<Uuid>,
    /// Which team's.
    pub team: Option<Uuid>,
    /// The language of the business.
    pub language: Language,
    /// Whether the channel shows lists to choose from.
    pub has_lists: bool,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The question waits in the outbox.
    Now(MessageId),
    /// It was asked, or passed over, before.
    Before,
    /// Not yet.
    At(DateTime<Utc>),
    /// It may not be asked.
    Skipped,
}

/// Asks if it is time. The caller holds the conversation, which is resolved.
pub async fn ask(
    tx: &mut TenantTx,
    rule: &SatisfactionRule,
    standing: &Standing,
    resolved: &Resolved,
    now: DateTime<Utc>,
) -> Result<Asked, sqlx::Error> {
    let ask_at = resolved.at + TimeDelta::minutes(i64::from(rule.delay_minutes));
    if ask_at > now {
        return Ok(Asked::At(ask_at));
    }
    let skip_reason = match (standing.is_muted, standing.is_window_open) {
        (true, _) => Some("opted_out"),
        (_, false) => Some("service_window_closed"),
        _ => None,
    };
    let expires_at = now + TimeDelta::hours(i64::from(rule.answer_within_hours));
    let Some(survey) = claim(tx, standing, resolved, skip_reason, expires_at).await? else { return Ok(Asked::Before) };
    if skip_reason.is_some() {
        return Ok(Asked::Skipped);
    }
    let content = compose(resolved.language, rule.text.as_deref(), resolved.has_lists);
    let thread = standing.thread(tx);
    let messages = outbox::enqueue(tx, thread, Author::System, &[content]).await?;
    let message = *messages.first().ok_or(sqlx::Error::RowNotFound)?;
    expect_answer(tx, standing, survey, message, expires_at).await?;
    Ok(Asked::Now(message))
}

/// `None` when somebody was asked about this resolution before.
async fn claim(
    tx: &mut TenantTx,
    standing: &Standing,
    resolved: &Resolved,
    skip_reason: Option<&str>,
    expires_at: DateTime<Utc>,
) -> Result<Option<Uuid>, sqlx::Error> {
    let tenant = tx.tenant();
    sqlx::query_scalar(
        "INSERT INTO satisfaction_surveys (tenant_id, id, conversation_id, resolved_at, user_id, team_id, state, skip_reason, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $7::text IS NULL THEN 'asked' ELSE 'skipped' END, $7, $8)
         ON CONFLICT ON CONSTRAINT satisfaction_surveys_once DO NOTHING RETURNING id",
    )
    .bind(tenant)
    .bind(Uuid::now_v7())
    .bind(standing.id)
    .bind(resolved.at)
    .bind(resolved.user)
    .bind(resolved.team)
    .bind(skip_reason)
    .bind(expires_at)
    .fetch_optional(&mut **tx)
    .await
}

async fn expect_answer(
    tx: &mut TenantTx,
    standing: &Standing,
    survey: Uuid,
    message: MessageId,
    expires_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let tenant = tx.tenant();
    sqlx::query("UPDATE satisfaction_surveys SET message_id = $3 WHERE tenant_id = $1 AND id = $2")
        .bind(tenant)
        .bind(survey)
        .bind(message)
        .execute(&mut **tx)
        .await?;
    sqlx::query("UPDATE chat_conversations SET survey_id = $3, survey_expires_at = $4 WHERE tenant_id = $1 AND id = $2")
        .bind(tenant)
        .bind(standing.id)
        .bind(survey)
        .bind(expires_at)
        .execute(&mut **tx)
        .await
        .map(drop)
}
