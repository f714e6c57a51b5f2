//! Claims due turns (T3). First a fair choice without locks, then the conversations are locked and everything is looked
//! at again: whoever changes a turn holds its conversation's row.

use std::time::Duration;

use nexus_core::ids::{ConversationId, TenantId, TurnId};
use nexus_core::tenancy::{Db, TenantTx};
use serde_json::json;
use sqlx::PgConnection;

use super::ClaimedTurn;
use super::give_up::{Handover, hand_to_a_person};
use super::verdict::{Circumstances, Verdict};

/// A turn that may be claimed.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Pick {
    /// Whose.
    pub tenant_id: TenantId,
    /// Which.
    pub id: TurnId,
    /// Of which conversation.
    pub conversation_id: ConversationId,
}

/// Claims up to `most` due turns of all tenants, those of dead workers included.
///
/// Every tenant's first turn comes before any tenant's second, and none runs more than its share at once. Two replicas
/// that choose at the same instant may exceed a share for a moment; it is for fairness, not a limit of cost.
pub async fn claim(db: &Db, most: i64, lease: Duration) -> Result<Vec<ClaimedTurn>, sqlx::Error> {
    let mut tx = db.system().await?;
    let picks = lock_due(&mut tx, most).await?;
    let claimed = match settle(&mut tx, &picks, false, lease).await {
        Err(error) if is_already_running(&error) => return Ok(Vec::new()),
        settled => settled?,
    };
    tx.commit().await?;
    Ok(claimed)
}

/// Claims one collecting turn before its time, for a caller who waits for the answer. The caller of this function holds
/// the lock on the conversation.
pub async fn claim_now(tx: &mut TenantTx, pick: Pick, lease: Duration) -> Result<Option<ClaimedTurn>, sqlx::Error> {
    Ok(settle(tx, &[pick], true, lease).await?.pop())
}

/// `turns_one_running` decides where two claimers met.
fn is_already_running(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.constraint()) == Some("turns_one_running")
}

/// The next due turns in a fair order, with their conversations locked; busy ones are left to whoever holds them.
///
/// Tenants with waiting turns are found by skipping through the index, so one tenant's flood hides nobody.
async fn lock_due(conn: &mut PgConnection, most: i64) -> Result<Vec<Pick>, sqlx::Error> {
    sqlx::query_as(
        "WITH RECURSIVE waiting (tenant_id) AS (
             (SELECT tenant_id FROM turns WHERE state = 'collecting' ORDER BY tenant_id LIMIT 1)
             UNION ALL
             SELECT (SELECT t.tenant_id FROM turns t WHERE t.state = 'collecting' AND t.tenant_id > w.tenant_id
                     ORDER BY t.tenant_id LIMIT 1)
             FROM waiting w WHERE w.tenant_id IS NOT NULL
         ), fair AS (
             SELECT n.id AS tenant_id, d.id, d.conversation_id, d.due_at,
                    r.running + row_number() OVER (PARTITION BY n.id ORDER BY d.due_at) AS place
             FROM waiting w
             JOIN tenants n ON n.id = w.tenant_id
             CROSS JOIN LATERAL (SELECT count(*) AS running FROM turns WHERE tenant_id = n.id AND state = 'running') r
             CROSS JOIN LATERAL (
                 SELECT t.id, t.conversation_id, t.due_at FROM turns t
                 WHERE t.tenant_id = n.id AND t.state = 'collecting' AND t.due_at <= now()
                   AND NOT EXISTS (SELECT FROM turns b WHERE b.tenant_id = t.tenant_id AND b.conversation_id = t.conversation_id
                                                         AND b.state = 'running')
                 ORDER BY t.due_at LIMIT least(greatest(n.turn_concurrency - r.running, 0), 2 * $1)
             ) d
             UNION ALL
             SELECT tenant_id, id, conversation_id, due_at, 0 FROM turns WHERE state = 'running' AND due_at <= now()
         )
         SELECT f.tenant_id, f.id, f.conversation_id
         FROM (SELECT * FROM fair ORDER BY place, due_at LIMIT 4 * $1) f
         JOIN chat_conversations c ON c.tenant_id = f.tenant_id AND c.id = f.conversation_id
         ORDER BY f.place, f.due_at LIMIT $1
         FOR UPDATE OF c SKIP LOCKED",
    )
    .bind(most)
    .fetch_all(conn)
    .await
}

#[derive(sqlx::FromRow)]
struct Candidate {
    tenant_id: TenantId,
    id: TurnId,
    conversation_id: ConversationId,
    #[sqlx(flatten)]
    circumstances: Circumstances,
}

/// Looks at each pick again under its lock and moves it on.
async fn settle(
    conn: &mut PgConnection,
    picks: &[Pick],
    is_early: bool,
    lease: Duration,
) -> Result<Vec<ClaimedTurn>, sqlx::Error> {
    let mut runnable = (Vec::new(), Vec::new());
    for candidate in examine(conn, picks, is_early).await? {
        match candidate.circumstances.verdict() {
            Verdict::Run => {
                runnable.0.push(candidate.tenant_id);
                runnable.1.push(candidate.id);
            }
            Verdict::Leave => {}
            Verdict::Skip(reason) => close(conn, &candidate, "skipped", reason).await?,
            Verdict::Dead => bury(conn, &candidate).await?,
        }
    }
    lease_out(conn, runnable.0, runnable.1, lease).await
}

async fn examine(conn: &mut PgConnection, picks: &[Pick], is_early: bool) -> Result<Vec<Candidate>, sqlx::Error> {
    if picks.is_empty() {
        return Ok(Vec::new());
    }
    let (tenants, ids): (Vec<_>, Vec<_>) = picks.iter().map(|pick| (pick.tenant_id, pick.id)).unzip();
    sqlx::query_as(
        "SELECT t.tenant_id, t.id, t.conversation_id, t.attempts,
                t.state = 'running' AS is_running,
                t.state = 'collecting' AND EXISTS (SELECT FROM turns b WHERE b.tenant_id = t.tenant_id
                    AND b.conversation_id = t.conversation_id AND b.state = 'running') AS is_behind_another,
                t.state = 'running' AND t.control_epoch IS DISTINCT FROM c.control_epoch AS is_stale,
                c.handled_by = 'agent' AS is_handled_by_agent,
                n.suspended_at IS NOT NULL AS is_tenant_suspended,
                p.opted_out_at IS NOT NULL OR p.blocked_at IS NOT NULL AS is_contact_muted,
                coalesce(a.published_version_id IS NOT NULL AND a.paused_at IS NULL, false) AS has_assistant
         FROM unnest($1::uuid[], $2::uuid[]) AS k (tenant_id, id)
         JOIN turns t USING (tenant_id, id)
         JOIN chat_conversations c ON c.tenant_id = t.tenant_id AND c.id = t.conversation_id
         JOIN tenants n ON n.id = t.tenant_id
         JOIN contacts p ON p.tenant_id = c.tenant_id AND p.id = c.contact_id
         JOIN channels h ON h.tenant_id = c.tenant_id AND h.id = c.channel_id
         LEFT JOIN assistants a ON a.tenant_id = h.tenant_id AND a.id = h.assistant_id
         WHERE t.state IN ('collecting', 'running') AND (t.due_at <= now() OR $3 AND t.state = 'collecting')",
    )
    .bind(tenants)
    .bind(ids)
    .bind(is_early)
    .fetch_all(conn)
    .await
}

/// Starts the turns: what a collecting one has to answer, and under which epoch, is fixed here.
async fn lease_out(
    conn: &mut PgConnection,
    tenants: Vec<TenantId>,
    ids: Vec<TurnId>,
    lease: Duration,
) -> Result<Vec<ClaimedTurn>, sqlx::Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query_as(
        "UPDATE turns t SET state = 'running', lease_token = gen_random_uuid(), due_at = now() + $3, attempts = t.attempts + 1,
                started_at = coalesce(t.started_at, now()),
                to_seq = CASE WHEN t.state = 'collecting' THEN c.inbound_seq ELSE t.to_seq END,
                control_epoch = CASE WHEN t.state = 'collecting' THEN c.control_epoch ELSE t.control_epoch END
         FROM unnest($1::uuid[], $2::uuid[]) AS k (tenant_id, id), chat_conversations c
         WHERE t.tenant_id = k.tenant_id AND t.id = k.id AND c.tenant_id = t.tenant_id AND c.id = t.conversation_id
         RETURNING t.tenant_id, t.id, t.conversation_id, c.channel_id, c.contact_id, t.from_seq, t.to_seq, t.lease_token, t.attempts,
                   (SELECT m.provider_ref FROM chat_messages m
                    WHERE m.tenant_id = t.tenant_id AND m.conversation_id = t.conversation_id AND m.inbound_seq IS NOT NULL
                    ORDER BY m.sent_at DESC, m.id DESC LIMIT 1) AS newest_ref",
    )
    .bind(tenants)
    .bind(ids)
    .bind(lease)
    .fetch_all(conn)
    .await
}

async fn close(conn: &mut PgConnection, turn: &Candidate, state: &'static str, outcome: &str) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE turns SET state = $3, outcome = $4, lease_token = NULL, finished_at = now() WHERE tenant_id = $1 AND id = $2",
    )
    .bind(turn.tenant_id)
    .bind(turn.id)
    .bind(state)
    .bind(outcome)
    .execute(conn)
    .await?;
    metrics::counter!("turns_total", "outcome" => state).increment(1);
    Ok(())
}

/// Ends a turn that keeps killing its workers and leaves the customer to a person.
async fn bury(conn: &mut PgConnection, turn: &Candidate) -> Result<(), sqlx::Error> {
    close(conn, turn, "dead", "its workers died too often").await?;
    let handover = Handover { tenant: turn.tenant_id, conversation: turn.conversation_id, turn: turn.id };
    let detail = json!({ "turn_id": turn.id, "attempts": turn.circumstances.attempts });
    hand_to_a_person(conn, handover, "turn_dead", &detail).await
}
