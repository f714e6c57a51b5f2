//! How people work at the inbox: whether they are available, when, and how much they can take.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use nexus_core::tenancy::TenantTx;
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::look_at_waiting;
use crate::auth::Role;
use crate::inbox::InboxError;

/// Whether somebody takes conversations now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Availability {
    /// Takes conversations, within their working hours.
    Available,
    /// Takes none.
    Away,
}

/// Weekday (`mon` to `sun`) to intervals of local time.
pub type Hours = BTreeMap<String, Vec<(String, String)>>;

/// When somebody works, and how much they can take.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AgentFields {
    /// Weekday (`mon` to `sun`) to intervals as `["09:00", "18:00"]`, in the zone of the business; null is whenever they
    /// are available.
    #[schema(value_type = Option<BTreeMap<String, Vec<Vec<String>>>>)]
    pub working_hours: Option<Hours>,
    /// Conversations at a time, 1 to 500; null is as the rule says.
    pub most_open: Option<u32>,
}

/// Somebody at the inbox.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Agent {
    /// Who.
    pub user_id: Uuid,
    /// What they are here.
    pub role: Role,
    /// Whether they take conversations now.
    pub availability: Availability,
    /// Since when.
    pub availability_since: Option<DateTime<Utc>>,
    /// When they work and how much they take.
    #[serde(flatten)]
    pub fields: AgentFields,
    /// How many conversations they have.
    pub open_conversations: i64,
    /// Raised by every change of their settings.
    pub revision: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    user_id: Uuid,
    role: Role,
    availability: Availability,
    availability_since: Option<DateTime<Utc>>,
    working_hours: Option<Json<Hours>>,
    most_open: Option<i32>,
    open_conversations: i64,
    revision: i64,
}

impl From<Row> for Agent {
    fn from(row: Row) -> Self {
        Self {
            user_id: row.user_id,
            role: row.role,
            availability: row.availability,
            availability_since: row.availability_since,
            fields: AgentFields {
                working_hours: row.working_hours.map(|hours| hours.0),
                most_open: row.most_open.and_then(|most| u32::try_from(most).ok()),
            },
            open_conversations: row.open_conversations,
            revision: row.revision,
        }
    }
}

/// The members who answer customers, by id: one of them, or up to `most` after a key.
async fn rows(tx: &mut TenantTx, only: Option<Uuid>, after: Option<Uuid>, most: i64) -> Result<Vec<Agent>, sqlx::Error> {
    let tenant = tx.tenant();
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT m.user_id, m.role, coalesce(a.availability, 'away') AS availability, a.availability_since, a.working_hours,
                a.most_open, coalesce(a.revision, 0) AS revision,
                (SELECT count(*) FROM chat_conversations c
                 WHERE c.tenant_id = m.tenant_id AND c.assigned_user_id = m.user_id AND c.handled_by = 'agent'
                   AND c.status IN ('open', 'pending')) AS open_conversations
         FROM memberships m LEFT JOIN agent_settings a ON a.tenant_id = m.tenant_id AND a.user_id = m.user_id
         WHERE m.tenant_id = $1 AND m.role <> 'viewer' AND ($2::uuid IS NULL OR m.user_id = $2)
           AND ($3::uuid IS NULL OR m.user_id > $3)
         ORDER BY m.user_id LIMIT $4",
    )
    .bind(tenant)
    .bind(only)
    .bind(after)
    .bind(most)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(Agent::from).collect())
}

/// Up to `most` after a key.
pub async fn list(tx: &mut TenantTx, after: Option<Uuid>, most: i64) -> Result<Vec<Agent>, InboxError> {
    Ok(rows(tx, None, after, most).await?)
}

/// One of them.
pub async fn get(tx: &mut TenantTx, user: Uuid) -> Result<Agent, InboxError> {
    rows(tx, Some(user), None, 1).await?.pop().ok_or(InboxError::NotFound("member who answers customers"))
}

/// One of them, whose settings nobody else changes until the transaction ends.
pub async fn lock(tx: &mut TenantTx, user: Uuid) -> Result<Agent, InboxError> {
    get(tx, user).await?;
    let tenant = tx.tenant();
    sqlx::query("INSERT INTO agent_settings (tenant_id, user_id, revision) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING")
        .bind(tenant)
        .bind(user)
        .execute(&mut **tx)
        .await?;
    sqlx::query("SELECT user_id FROM agent_settings WHERE tenant_id = $1 AND user_id = $2 FOR UPDATE")
        .bind(tenant)
        .bind(user)
        .execute(&mut **tx)
        .await?;
    get(tx, user).await
}

/// Sets whether somebody takes conversations. The caller holds the lock. Who waits is looked at for them.
pub async fn set_availability(tx: &mut TenantTx, user: Uuid, availability: Availability) -> Result<Agent, InboxError> {
    let tenant = tx.tenant();
    sqlx::query(
        "UPDATE agent_settings
         SET availability = $3, revision = revision + 1,
             availability_since = CASE WHEN availability = $3 THEN availability_since ELSE now() END
         WHERE tenant_id = $1 AND user_id = $2",
    )
    .bind(tenant)
    .bind(user)
    .bind(availability)
    .execute(&mut **tx)
    .await?;
    look_at_waiting(tx, None).await?;
    get(tx, user).await
}

/// Sets when somebody works and how much they take. The caller holds the lock.
pub async fn set_fields(tx: &mut TenantTx, user: Uuid, fields: &AgentFields) -> Result<Agent, InboxError> {
    let tenant = tx.tenant();
    sqlx::query(
        "UPDATE agent_settings SET working_hours = $3, most_open = $4, revision = revision + 1 WHERE tenant_id = $1 AND user_id = $2",
    )
    .bind(tenant)
    .bind(user)
    .bind(fields.working_hours.as_ref().map(Json))
    .bind(fields.most_open.and_then(|most| i32::try_from(most).ok()))
    .execute(&mut **tx)
    .await?;
    look_at_waiting(tx, None).await?;
    get(tx, user).await
}
