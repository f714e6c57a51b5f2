//! Whose a conversation is.

use nexus_core::ids::ConversationId;
use nexus_core::tenancy::TenantTx;
use uuid::Uuid;

use super::Standing;
use crate::inbox::InboxError;

/// Whose it is, before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Assignment {
    /// The person.
    pub user_id: Option<Uuid>,
    /// The team.
    pub team_id: Option<Uuid>,
}

/// Gives it to a person, a team, both, or nobody. Answers whose it was.
pub async fn assign(tx: &mut TenantTx, conversation: ConversationId, to: Assignment) -> Result<Assignment, InboxError> {
    Standing::lock(tx, conversation).await?;
    let tenant = tx.tenant();
    if let Some(user) = to.user_id {
        must_answer(tx, user).await?;
    }
    if let Some(team) = to.team_id {
        crate::inbox::teams::must_exist(tx, team).await?;
    }
    let (user_id, team_id) = sqlx::query_as(
        "UPDATE chat_conversations c
         SET assigned_user_id = $3, team_id = $4, revision = c.revision + 1, updated_at = now()
         FROM (SELECT assigned_user_id, team_id FROM chat_conversations WHERE tenant_id = $1 AND id = $2) AS was
         WHERE c.tenant_id = $1 AND c.id = $2
         RETURNING was.assigned_user_id, was.team_id",
    )
    .bind(tenant)
    .bind(conversation)
    .bind(to.user_id)
    .bind(to.team_id)
    .fetch_one(&mut **tx)
    .await?;
    Ok(Assignment { user_id, team_id })
}

/// Only somebody who answers customers here can have a conversation.
async fn must_answer(tx: &mut TenantTx, user: Uuid) -> Result<(), InboxError> {
    let tenant = tx.tenant();
    let answers: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM memberships WHERE tenant_id = $1 AND user_id = $2 AND role <> 'viewer')")
            .bind(tenant)
            .bind(user)
            .fetch_one(&mut **tx)
            .await?;
    if answers { Ok(()) } else { Err(InboxError::NotFound("member who answers customers")) }
}
