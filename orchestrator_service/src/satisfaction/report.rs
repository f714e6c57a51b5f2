//! What was answered: one by one, and summed up by person, team or day.

use chrono::{DateTime, Utc};
use nexus_core::ids::ConversationId;
use nexus_core::tenancy::TenantTx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::inbox::InboxError;

/// One question and what came of it.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct Survey {
    /// Which.
    pub id: Uuid,
    /// Of which conversation.
    #[schema(value_type = Uuid)]
    pub conversation_id: ConversationId,
    /// Whose work it was.
    pub user_id: Option<Uuid>,
    /// Which team's.
    pub team_id: Option<Uuid>,
    /// asked, skipped, answered, passed_over (something else was written first) or expired.
    pub state: String,
    /// Why nothing was asked: opted_out or service_window_closed.
    pub skip_reason: Option<String>,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// 1 to 5.
    pub score: Option<i16>,
    /// What the contact added.
    pub comment: Option<String>,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
}

/// What narrows a report.
#[derive(Clone, Copy, Debug, Default)]
pub struct Period {
    /// Asked at or after.
    pub from: Option<DateTime<Utc>>,
    /// Asked before.
    pub to: Option<DateTime<Utc>>,
    /// Whose work.
    pub user: Option<Uuid>,
    /// Which team's.
    pub team: Option<Uuid>,
}

/// By what it is summed up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupBy {
    /// Everything together.
    #[default]
    Nothing,
    /// The person whose work it was.
    Agent,
    /// The team.
    Team,
    /// The day, in the zone of the business.
    Day,
}

/// One line of the summary.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct Summary {
    /// The id of the person or team, or the day as `2026-11-23`; null when it was nobody's or nothing was grouped.
    pub key: Option<String>,
    /// Questions that were sent.
    pub asked: i64,
    /// Questions that were answered.
    pub answered: i64,
    /// The mean score; null without an answer.
    pub average: Option<f64>,
    /// How many gave 1, 2, 3, 4 and 5.
    pub scores: Vec<i64>,
}

macro_rules! surveys {
    ($tail:literal) => {
        concat!(
            "SELECT id, conversation_id, user_id, team_id,
                    CASE WHEN state = 'asked' AND expires_at <= now() THEN 'expired' ELSE state END AS state,
                    skip_reason, asked_at, score, comment, answered_at
             FROM satisfaction_surveys WHERE tenant_id = $1 ",
            $tail
        )
    };
}

/// Those of one conversation, newest first.
pub async fn of_conversation(tx: &mut TenantTx, conversation: ConversationId, most: i64) -> Result<Vec<Survey>, InboxError> {
    crate::inbox::conversations::revision(tx, conversation).await?;
    let tenant = tx.tenant();
    let rows = sqlx::query_as(surveys!("AND conversation_id = $2 ORDER BY asked_at DESC, id DESC LIMIT $3"))
        .bind(tenant)
        .bind(conversation)
        .bind(most)
        .fetch_all(&mut **tx)
        .await?;
    Ok(rows)
}

/// The newest ones of a period, after a key.
pub async fn list(
    tx: &mut TenantTx,
    period: Period,
    after: Option<(DateTime<Utc>, Uuid)>,
    most: i64,
) -> Result<Vec<Survey>, InboxError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as(surveys!(
        "AND ($2::timestamptz IS NULL OR asked_at >= $2) AND ($3::timestamptz IS NULL OR asked_at < $3)
         AND ($4::uuid IS NULL OR user_id = $4) AND ($5::uuid IS NULL OR team_id = $5)
         AND ($6::timestamptz IS NULL OR (asked_at, id) < ($6, $7::uuid))
         ORDER BY asked_at DESC, id DESC LIMIT $8"
    ))
    .bind(tenant)
    .bind(period.from)
    .bind(period.to)
    .bind(period.user)
    .bind(period.team)
    .bind(after.map(|(at, _)| at))
    .bind(after.map(|(_, id)| id))
    .bind(most)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows)
}

/// A period summed up; at most 400 lines, more than a year of days.
pub async fn summary(tx: &mut TenantTx, period: Period, by: GroupBy) -> Result<Vec<Summary>, InboxError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as(
        "SELECT k.key, count(*) AS asked, count(s.score) AS answered, avg(s.score)::float8 AS average,
                ARRAY[count(*) FILTER (WHERE s.score = 1), count(*) FILTER (WHERE s.score = 2), count(*) FILTER (WHERE s.score = 3),
                      count(*) FILTER (WHERE s.score = 4), count(*) FILTER (WHERE s.score = 5)] AS scores
         FROM satisfaction_surveys s
         JOIN tenants t ON t.id = s.tenant_id
         CROSS JOIN LATERAL (SELECT CASE $6
             WHEN 'agent' THEN s.user_id::text WHEN 'team' THEN s.team_id::text
             WHEN 'day' THEN to_char(s.asked_at AT TIME ZONE t.time_zone, 'YYYY-MM-DD') END AS key) k
         WHERE s.tenant_id = $1 AND s.state <> 'skipped'
           AND ($2::timestamptz IS NULL OR s.asked_at >= $2) AND ($3::timestamptz IS NULL OR s.asked_at < $3)
           AND ($4::uuid IS NULL OR s.user_id = $4) AND ($5::uuid IS NULL OR s.team_id = $5)
         GROUP BY k.key ORDER BY k.key NULLS LAST LIMIT 400",
    )
    .bind(tenant)
    .bind(period.from)
    .bind(period.to)
    .bind(period.user)
    .bind(period.team)
    .bind(match by {
        GroupBy::Nothing => "nothing",
        GroupBy::Agent => "agent",
        GroupBy::Team => "team",
        GroupBy::Day => "day",
    })
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows)
}
