//! The rules of the inbox: who gets a conversation, by when it is answered, and whether the customer is asked afterwards.
//! A team may have its own; a part it leaves out is the business'.

use nexus_core::ids::ConversationId;
use nexus_core::tenancy::TenantTx;
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::InboxError;
use crate::assignment::AssignmentRule;
use crate::satisfaction::SatisfactionRule;
use crate::service_levels::ServiceLevel;

/// The rules of the business or of one team.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyFields {
    /// Who gets a conversation; null is as the business does it, and there by hand.
    pub assignment: Option<AssignmentRule>,
    /// By when it must be answered and done; null is as for the business, and there without targets.
    pub service_level: Option<ServiceLevel>,
    /// Whether the customer is asked afterwards; null is as for the business, and there never.
    pub satisfaction: Option<SatisfactionRule>,
}

/// The rules with their place.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Policy {
    /// Whose; null for the business.
    pub team_id: Option<Uuid>,
    /// What they say.
    #[serde(flatten)]
    pub fields: PolicyFields,
    /// Raised by every change; 0 when nobody has set any.
    pub revision: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    assignment: Option<Json<AssignmentRule>>,
    service_level: Option<Json<ServiceLevel>>,
    satisfaction: Option<Json<SatisfactionRule>>,
    revision: i64,
}

impl Row {
    fn fields(self) -> PolicyFields {
        PolicyFields {
            assignment: self.assignment.map(|part| part.0),
            service_level: self.service_level.map(|part| part.0),
            satisfaction: self.satisfaction.map(|part| part.0),
        }
    }
}

/// What the business, or one team, has set.
pub async fn get(tx: &mut TenantTx, team: Option<Uuid>) -> Result<Policy, InboxError> {
    let tenant = tx.tenant();
    if let Some(team) = team {
        super::teams::must_exist(tx, team).await?;
    }
    let row: Option<Row> = sqlx::query_as(
        "SELECT assignment, service_level, satisfaction, revision FROM inbox_policies
         WHERE tenant_id = $1 AND team_id IS NOT DISTINCT FROM $2 FOR UPDATE",
    )
    .bind(tenant)
    .bind(team)
    .fetch_optional(&mut **tx)
    .await?;
    let revision = row.as_ref().map_or(0, |row| row.revision);
    Ok(Policy { team_id: team, fields: row.map(Row::fields).unwrap_or_default(), revision })
}

/// What holds for a conversation of this team, part by part.
pub async fn effective(tx: &mut TenantTx, team: Option<Uuid>) -> Result<PolicyFields, sqlx::Error> {
    let tenant = tx.tenant();
    let row: Option<Row> = sqlx::query_as(
        "SELECT coalesce(t.assignment, d.assignment) AS assignment, coalesce(t.service_level, d.service_level) AS service_level,
                coalesce(t.satisfaction, d.satisfaction) AS satisfaction, 0::bigint AS revision
         FROM (SELECT $1::uuid AS tenant_id) k
         LEFT JOIN inbox_policies d ON d.tenant_id = k.tenant_id AND d.team_id IS NULL
         LEFT JOIN inbox_policies t ON t.tenant_id = k.tenant_id AND t.team_id = $2",
    )
    .bind(tenant)
    .bind(team)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(Row::fields).unwrap_or_default())
}

/// Sets them. Every open case is looked at again, so that the new targets hold for it too.
pub async fn set(tx: &mut TenantTx, team: Option<Uuid>, fields: &PolicyFields) -> Result<Policy, InboxError> {
    let tenant = tx.tenant();
    let revision = sqlx::query_scalar(
        "INSERT INTO inbox_policies (tenant_id, team_id, assignment, service_level, satisfaction) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT ON CONSTRAINT inbox_policies_one DO UPDATE
         SET assignment = excluded.assignment, service_level = excluded.service_level, satisfaction = excluded.satisfaction,
             revision = inbox_policies.revision + 1, updated_at = now()
         RETURNING revision",
    )
    .bind(tenant)
    .bind(team)
    .bind(fields.assignment.as_ref().map(Json))
    .bind(fields.service_level.as_ref().map(Json))
    .bind(fields.satisfaction.as_ref().map(Json))
    .fetch_one(&mut **tx)
    .await?;
    attend_open_cases(tx).await?;
    Ok(Policy { team_id: team, fields: fields.clone(), revision })
}

/// Takes a team's own rules away.
pub async fn remove(tx: &mut TenantTx, team: Uuid) -> Result<Policy, InboxError> {
    let before = get(tx, Some(team)).await?;
    let tenant = tx.tenant();
    sqlx::query("DELETE FROM inbox_policies WHERE tenant_id = $1 AND team_id = $2")
        .bind(tenant)
        .bind(team)
        .execute(&mut **tx)
        .await?;
    attend_open_cases(tx).await?;
    Ok(before)
}

/// Locks are taken in the order of the ids, as everywhere.
async fn attend_open_cases(tx: &mut TenantTx) -> Result<(), sqlx::Error> {
    let tenant = tx.tenant();
    let open: Vec<ConversationId> = sqlx::query_scalar(
        "SELECT id FROM chat_conversations
         WHERE tenant_id = $1 AND handled_by = 'agent' AND status <> 'resolved' ORDER BY id FOR UPDATE",
    )
    .bind(tenant)
    .fetch_all(&mut **tx)
    .await?;
    sqlx::query("UPDATE chat_conversations SET attend_at = now() WHERE tenant_id = $1 AND id = ANY ($2)")
        .bind(tenant)
        .bind(open)
        .execute(&mut **tx)
        .await
        .map(drop)
}
