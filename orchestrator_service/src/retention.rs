//! Lets go of what a business does not want to keep any longer, in small steps, and of businesses whose time has come.
//!
//! Only what is done with is removed: an event that is parked waits for a person however old it is, and a message whose
//! delivery is not settled stays.

use nexus_core::ids::TenantId;
use nexus_core::tenancy::Db;
use sqlx::AssertSqlSafe;

use crate::tenants::lifecycle;

/// Rows in one transaction: short enough that nobody waits for it.
const BATCH: i64 = 1_000;
/// Where a business has not said: long enough to replay and to look into, and no longer.
const WEBHOOK_DAYS: i32 = 30;
const TRACE_DAYS: i32 = 90;

/// Each removes up to `$1` rows that are older than their business wants, and is repeated until it finds none.
const STEPS: [(&str, &str); 3] = [
    (
        "messages",
        "WITH old AS (
             SELECT m.tenant_id, m.id, m.conversation_id FROM tenants t
             JOIN chat_messages m ON m.tenant_id = t.id AND m.sent_at < now() - make_interval(days => t.retention_message_days)
             WHERE t.retention_message_days IS NOT NULL
               AND NOT EXISTS (SELECT FROM outbox o WHERE o.tenant_id = m.tenant_id AND o.message_id = m.id AND o.settled_at IS NULL)
             LIMIT $1),
         previews AS (
             UPDATE chat_conversations c SET last_message_preview = '' FROM tenants t
             WHERE t.id = c.tenant_id AND (c.tenant_id, c.id) IN (SELECT tenant_id, conversation_id FROM old)
               AND c.last_message_at < now() - make_interval(days => t.retention_message_days))
         DELETE FROM chat_messages m USING old WHERE m.tenant_id = old.tenant_id AND m.id = old.id",
    ),
    (
        "traces",
        "DELETE FROM turn_steps WHERE (tenant_id, turn_id, number) IN (
             SELECT s.tenant_id, s.turn_id, s.number FROM tenants t
             JOIN turns u ON u.tenant_id = t.id
              AND u.finished_at < now() - make_interval(days => coalesce(t.retention_trace_days, {trace_days}))
             JOIN turn_steps s ON s.tenant_id = u.tenant_id AND s.turn_id = u.id
             LIMIT $1)",
    ),
    (
        "webhook bodies",
        "UPDATE webhook_events SET body = NULL WHERE (provider, event_id) IN (
             SELECT e.provider, e.event_id FROM webhook_events e
             LEFT JOIN channels c ON c.id = e.channel_id LEFT JOIN tenants t ON t.id = c.tenant_id
             WHERE e.state = 'projected' AND e.body IS NOT NULL
               AND e.received_at < now() - make_interval(days => coalesce(t.retention_webhook_days, {webhook_days}))
             LIMIT $1)",
    ),
];

/// Lets go of everything that is too old, and erases the businesses that are due. Killed halfway, the next run goes on.
pub async fn apply(db: &Db) -> Result<(), sqlx::Error> {
    erase_due(db).await?;
    for (what, sql) in STEPS {
        let sql = sql.replace("{trace_days}", &TRACE_DAYS.to_string()).replace("{webhook_days}", &WEBHOOK_DAYS.to_string());
        let mut removed = 0;
        loop {
            let mut tx = db.system().await?;
            let step = sqlx::query(AssertSqlSafe(sql.clone())).bind(BATCH).execute(&mut *tx).await?.rows_affected();
            tx.commit().await?;
            removed += step;
            if step == 0 {
                break;
            }
        }
        if removed > 0 {
            tracing::info!(what, removed, "let go of what is older than its business keeps");
        }
    }
    Ok(())
}

async fn erase_due(db: &Db) -> Result<(), sqlx::Error> {
    let mut tx = db.system().await?;
    let due: Vec<TenantId> = sqlx::query_scalar("SELECT id FROM tenants WHERE erase_at <= now() ORDER BY erase_at LIMIT 100")
        .fetch_all(&mut *tx)
        .await?;
    tx.commit().await?;
    for tenant in due {
        lifecycle::erase_in_steps(db, tenant).await?;
        tracing::info!(tenant_id = %tenant, "a business was erased, as ordered");
    }
    Ok(())
}
