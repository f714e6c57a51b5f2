//! The record of what an operator must be able to see afterwards. Details carry ids and reasons, never message text.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::ids::{ConversationId, TenantId};

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Something went wrong and is being mended.
    Warning,
    /// A person must act.
    Error,
}

impl Severity {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One event; `kind` is stable, e.g. `smtp_failed`.
#[derive(Clone, Copy, Debug)]
pub struct SystemEvent<'a> {
    /// Whose, or nobody's for the installation itself.
    pub tenant: Option<TenantId>,
    /// A stable name.
    pub kind: &'a str,
    /// How much it matters.
    pub severity: Severity,
    /// The conversation it is about.
    pub conversation: Option<ConversationId>,
    /// Ids and reasons.
    pub detail: &'a Value,
}

/// Writes one event in the caller's transaction.
pub async fn record(conn: &mut PgConnection, event: SystemEvent<'_>) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO system_events (tenant_id, id, kind, severity, conversation_id, detail) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(event.tenant.map_or(Uuid::nil(), |tenant| tenant.0))
    .bind(Uuid::now_v7())
    .bind(event.kind)
    .bind(event.severity.as_str())
    .bind(event.conversation)
    .bind(event.detail)
    .execute(conn)
    .await
    .map(drop)
}
