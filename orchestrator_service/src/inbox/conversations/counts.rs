//! How many conversations each view holds, up to a thousand: a badge says "999+", and counting must not read a table.

use nexus_core::tenancy::TenantTx;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::list::is_open;
use crate::inbox::InboxError;

/// Rows per view; 1000 means that or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
pub struct Counts {
    /// Need a person.
    pub waiting: i64,
    /// The caller's.
    pub mine: i64,
    /// With the agents and nobody's.
    pub unassigned: i64,
    /// With the assistant.
    pub assistant: i64,
    /// Everything.
    pub all: i64,
    /// Done.
    pub resolved: i64,
    /// Coming back later.
    pub snoozed: i64,
}

macro_rules! count {
    ($of:expr) => {
        concat!(
            "(SELECT count(*) FROM (SELECT FROM chat_conversations c WHERE c.tenant_id = $1 AND ",
            $of,
            " LIMIT 1000) AS counted)"
        )
    };
}

/// Counts every view for one person.
pub async fn counts(tx: &mut TenantTx, me: Uuid) -> Result<Counts, InboxError> {
    let tenant = tx.tenant();
    let counts = sqlx::query_as(concat!(
        "SELECT ",
        count!(concat!("c.waiting_since IS NOT NULL AND", is_open!())),
        " AS waiting, ",
        count!(concat!("c.assigned_user_id = $2 AND c.last_message_at IS NOT NULL AND", is_open!())),
        " AS mine, ",
        count!(concat!(
            "c.handled_by = 'agent' AND c.assigned_user_id IS NULL AND c.last_message_at IS NOT NULL AND",
            is_open!()
        )),
        " AS unassigned, ",
        count!(concat!("c.handled_by = 'assistant' AND c.last_message_at IS NOT NULL AND", is_open!())),
        " AS assistant, ",
        count!("c.last_message_at IS NOT NULL"),
        " AS all, ",
        count!("c.status = 'resolved' AND c.last_message_at IS NOT NULL"),
        " AS resolved, ",
        count!("c.status = 'snoozed' AND c.snoozed_until > now()"),
        " AS snoozed"
    ))
    .bind(tenant)
    .bind(me)
    .fetch_one(&mut **tx)
    .await?;
    Ok(counts)
}
