//! Schedules turns. Claiming and finishing them is the brain's business.

use std::time::Duration;

use sqlx::PgConnection;

use crate::ids::{ConversationId, TenantId, TurnId};

/// The installation's burst window, where a tenant has not set its own.
#[derive(Clone, Copy, Debug)]
pub struct BurstDefaults {
    /// Silence after which the assistant answers.
    pub window: Duration,
    /// The longest a burst may grow.
    pub ceiling: Duration,
}

impl BurstDefaults {
    /// A window of six seconds may grow to twenty, others in proportion.
    #[must_use]
    pub fn of_window(window: Duration) -> Self {
        Self { window, ceiling: window * 10 / 3 }
    }
}

/// A conversation with new messages that deserve an answer.
#[derive(Clone, Copy, Debug)]
pub struct DueTurn {
    /// Whose.
    pub tenant: TenantId,
    /// Which conversation.
    pub conversation: ConversationId,
    /// Everything up to here was there before.
    pub from_seq: i64,
}

/// Opens the conversation's collecting turn, or extends it up to its ceiling.
pub async fn schedule(conn: &mut PgConnection, due: &[DueTurn], defaults: BurstDefaults) -> Result<(), sqlx::Error> {
    if due.is_empty() {
        return Ok(());
    }
    let tenants: Vec<TenantId> = due.iter().map(|turn| turn.tenant).collect();
    let conversations: Vec<ConversationId> = due.iter().map(|turn| turn.conversation).collect();
    let from_seqs: Vec<i64> = due.iter().map(|turn| turn.from_seq).collect();
    let ids: Vec<TurnId> = due.iter().map(|_| TurnId::new()).collect();
    sqlx::query(
        "INSERT INTO turns (tenant_id, id, conversation_id, state, from_seq, due_at, burst_deadline_at)
         SELECT d.tenant_id, d.id, d.conversation_id, 'collecting', d.from_seq,
                now() + coalesce(t.burst_window_ms, $5) * interval '1 millisecond',
                now() + greatest(coalesce(t.burst_ceiling_ms, $6), coalesce(t.burst_window_ms, $5)) * interval '1 millisecond'
         FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[]) AS d (tenant_id, id, conversation_id, from_seq)
         JOIN tenants t ON t.id = d.tenant_id AND t.suspended_at IS NULL
         ON CONFLICT (tenant_id, conversation_id) WHERE state = 'collecting'
         DO UPDATE SET due_at = least(excluded.due_at, turns.burst_deadline_at)",
    )
    .bind(tenants)
    .bind(ids)
    .bind(conversations)
    .bind(from_seqs)
    .bind(milliseconds(defaults.window))
    .bind(milliseconds(defaults.ceiling))
    .execute(conn)
    .await
    .map(drop)
}

fn milliseconds(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}
