//! Gives a conversation to somebody, under the locks that make it one decision.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use nexus_core::ids::ConversationId;
use nexus_core::tenancy::TenantTx;
use serde_json::Value;
use uuid::Uuid;

use super::choose::{Candidate, choose, next_at_work};
use super::{AssignmentRule, Method};
use crate::tools::business_hours::Week;

/// How many waiting conversations are looked at when somebody becomes free: more than a handful of people can take.
const LOOK_AT: i64 = 100;

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// It is theirs.
    To(Uuid),
    /// Nobody can take it; the next of those who are available begins to work then.
    ToNobody(Option<DateTime<Utc>>),
}

#[derive(sqlx::FromRow)]
struct Row {
    user_id: Uuid,
    working_hours: Option<Value>,
    most_open: Option<i32>,
    last_assigned_at: Option<DateTime<Utc>>,
}

/// Chooses and writes it down. The caller holds the conversation's row; `but` is who must not get it.
pub async fn give(
    tx: &mut TenantTx,
    conversation: ConversationId,
    team: Option<Uuid>,
    rule: &AssignmentRule,
    but: Option<Uuid>,
    now: DateTime<Tz>,
) -> Result<Given, sqlx::Error> {
    if rule.method == Method::Manual {
        return Ok(Given::ToNobody(None));
    }
    let candidates = lock_candidates(tx, team, rule, but).await?;
    let Some(user) = choose(rule.method, &candidates, &now) else {
        return Ok(Given::ToNobody(next_at_work(&candidates, &now)));
    };
    let cause = if but.is_some() { "not_answered" } else { rule.method.as_str() };
    sqlx::query("SELECT set_config('nexus.cause', $1, true)").bind(cause).execute(&mut **tx).await?;
    let tenant = tx.tenant();
    sqlx::query(
        "UPDATE chat_conversations SET assigned_user_id = $3, revision = revision + 1, updated_at = now()
         WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tenant)
    .bind(conversation)
    .bind(user)
    .execute(&mut **tx)
    .await?;
    sqlx::query("UPDATE agent_settings SET last_assigned_at = clock_timestamp() WHERE tenant_id = $1 AND user_id = $2")
        .bind(tenant)
        .bind(user)
        .execute(&mut **tx)
        .await?;
    Ok(Given::To(user))
}

/// Whoever is available, locked in the order of their ids. Counted only then: another replica may have given one of
/// them something while we waited for the lock.
async fn lock_candidates(
    tx: &mut TenantTx,
    team: Option<Uuid>,
    rule: &AssignmentRule,
    but: Option<Uuid>,
) -> Result<Vec<Candidate>, sqlx::Error> {
    let tenant = tx.tenant();
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT a.user_id, a.working_hours, a.most_open, a.last_assigned_at
         FROM agent_settings a JOIN memberships m ON m.tenant_id = a.tenant_id AND m.user_id = a.user_id
         WHERE a.tenant_id = $1 AND a.availability = 'available' AND m.role <> 'viewer' AND a.user_id IS DISTINCT FROM $3
           AND ($2::uuid IS NULL OR EXISTS (SELECT FROM team_members t
                                            WHERE t.tenant_id = $1 AND t.team_id = $2 AND t.user_id = a.user_id))
         ORDER BY a.user_id FOR UPDATE OF a",
    )
    .bind(tenant)
    .bind(team)
    .bind(but)
    .fetch_all(&mut **tx)
    .await?;
    let people: Vec<Uuid> = rows.iter().map(|row| row.user_id).collect();
    let open: Vec<(Uuid, i64)> = sqlx::query_as(
        "SELECT assigned_user_id, count(*) FROM chat_conversations
         WHERE tenant_id = $1 AND assigned_user_id = ANY ($2) AND handled_by = 'agent' AND status IN ('open', 'pending')
         GROUP BY assigned_user_id",
    )
    .bind(tenant)
    .bind(people)
    .fetch_all(&mut **tx)
    .await?;
    let open_of = |user: Uuid| open.iter().find(|(whose, _)| *whose == user).map_or(0, |(_, count)| *count);
    let candidates = rows.into_iter().map(|row| Candidate {
        user: row.user_id,
        hours: row.working_hours.and_then(|hours| serde_json::from_value(hours).ok()).and_then(|hours| Week::read(&hours)),
        most_open: row.most_open.map_or(i64::from(rule.most_open), i64::from),
        open: open_of(row.user_id),
        last_assigned_at: row.last_assigned_at,
    });
    Ok(candidates.collect())
}

/// Has the longest waiting ones that nobody has looked at again, because somebody may take them now. Never waits for a
/// lock: who holds one of them has it looked at anyway.
pub async fn look_at_waiting(tx: &mut TenantTx, most: Option<i64>) -> Result<(), sqlx::Error> {
    let tenant = tx.tenant();
    sqlx::query(
        "UPDATE chat_conversations c SET attend_at = now()
         FROM (SELECT id FROM chat_conversations
               WHERE tenant_id = $1 AND assigned_user_id IS NULL AND handled_by = 'agent' AND status IN ('open', 'pending')
               ORDER BY waiting_since, id LIMIT $2 FOR UPDATE SKIP LOCKED) AS waiting
         WHERE c.tenant_id = $1 AND c.id = waiting.id",
    )
    .bind(tenant)
    .bind(most.unwrap_or(LOOK_AT))
    .execute(&mut **tx)
    .await
    .map(drop)
}
