//! Teams: agents to whom conversations are given together.

use nexus_core::tenancy::TenantTx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::InboxError;

const MOST: i64 = 100;
const MOST_MEMBERS: usize = 200;

/// What a team is.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamFields {
    /// Unique, whatever the case; at most 60 characters.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S")]
    pub name: String,
    /// Who belongs to it; members of the business.
    pub member_ids: Vec<Uuid>,
}

/// One team.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct Team {
    /// Which.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Who belongs to it.
    pub member_ids: Vec<Uuid>,
    /// Raised by every change.
    pub revision: i64,
}

macro_rules! teams {
    ($tail:literal) => {
        concat!(
            "SELECT t.id, t.name, t.revision,
                    ARRAY(SELECT m.user_id FROM team_members m WHERE m.tenant_id = t.tenant_id AND m.team_id = t.id ORDER BY 1)
                        AS member_ids
             FROM teams t ",
            $tail
        )
    };
}

/// All of them, by name.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<Team>, InboxError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as(teams!("WHERE t.tenant_id = $1 ORDER BY lower(t.name) LIMIT $2"))
        .bind(tenant)
        .bind(MOST)
        .fetch_all(&mut **tx)
        .await?;
    Ok(rows)
}

/// One of them, locked for a change.
pub async fn lock(tx: &mut TenantTx, team: Uuid) -> Result<Team, InboxError> {
    let tenant = tx.tenant();
    let found = sqlx::query_as(teams!("WHERE t.tenant_id = $1 AND t.id = $2 FOR UPDATE OF t"))
        .bind(tenant)
        .bind(team)
        .fetch_optional(&mut **tx)
        .await?;
    found.ok_or(InboxError::NotFound("team"))
}

/// Refuses a team that is not there.
pub async fn must_exist(tx: &mut TenantTx, team: Uuid) -> Result<(), InboxError> {
    let tenant = tx.tenant();
    let is_there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM teams WHERE tenant_id = $1 AND id = $2)")
        .bind(tenant)
        .bind(team)
        .fetch_one(&mut **tx)
        .await?;
    if is_there { Ok(()) } else { Err(InboxError::NotFound("team")) }
}

/// Makes one.
pub async fn create(tx: &mut TenantTx, fields: &TeamFields) -> Result<Team, InboxError> {
    let tenant = tx.tenant();
    let count: i64 =
        sqlx::query_scalar("SELECT count(*) FROM teams WHERE tenant_id = $1").bind(tenant).fetch_one(&mut **tx).await?;
    if count >= MOST {
        return Err(InboxError::WrongState("100 teams are enough; delete one first"));
    }
    let id = Uuid::now_v7();
    sqlx::query("INSERT INTO teams (tenant_id, id, name) VALUES ($1, $2, $3)")
        .bind(tenant)
        .bind(id)
        .bind(checked_name(fields)?)
        .execute(&mut **tx)
        .await?;
    set_members(tx, id, &fields.member_ids).await?;
    lock(tx, id).await
}

/// Changes one.
pub async fn update(tx: &mut TenantTx, team: Uuid, fields: &TeamFields) -> Result<Team, InboxError> {
    let tenant = tx.tenant();
    sqlx::query("UPDATE teams SET name = $3, revision = revision + 1 WHERE tenant_id = $1 AND id = $2")
        .bind(tenant)
        .bind(team)
        .bind(checked_name(fields)?)
        .execute(&mut **tx)
        .await?;
    set_members(tx, team, &fields.member_ids).await?;
    lock(tx, team).await
}

/// Deletes one; its conversations are no team's any more.
pub async fn delete(tx: &mut TenantTx, team: Uuid) -> Result<(), InboxError> {
    let tenant = tx.tenant();
    sqlx::query("UPDATE chat_conversations SET team_id = NULL, revision = revision + 1 WHERE tenant_id = $1 AND team_id = $2")
        .bind(tenant)
        .bind(team)
        .execute(&mut **tx)
        .await?;
    sqlx::query("DELETE FROM teams WHERE tenant_id = $1 AND id = $2").bind(tenant).bind(team).execute(&mut **tx).await?;
    Ok(())
}

fn checked_name(fields: &TeamFields) -> Result<&str, InboxError> {
    let name = fields.name.trim();
    let length = name.chars().count();
    if length == 0 || length > 60 { Err(InboxError::Invalid("name", "1 to 60 characters")) } else { Ok(name) }
}

async fn set_members(tx: &mut TenantTx, team: Uuid, members: &[Uuid]) -> Result<(), InboxError> {
    let mut members = members.to_vec();
    members.sort();
    members.dedup();
    if members.len() > MOST_MEMBERS {
        return Err(InboxError::Invalid("member_ids", "at most 200"));
    }
    let tenant = tx.tenant();
    sqlx::query("DELETE FROM team_members WHERE tenant_id = $1 AND team_id = $2")
        .bind(tenant)
        .bind(team)
        .execute(&mut **tx)
        .await?;
    let added = sqlx::query(
        "INSERT INTO team_members (tenant_id, team_id, user_id)
         SELECT tenant_id, $2, user_id FROM memberships WHERE tenant_id = $1 AND user_id = ANY ($3)",
    )
    .bind(tenant)
    .bind(team)
    .bind(&members)
    .execute(&mut **tx)
    .await?;
    if usize::try_from(added.rows_affected()).ok() == Some(members.len()) {
        Ok(())
    } else {
        Err(InboxError::Invalid("member_ids", "somebody is not a member"))
    }
}
