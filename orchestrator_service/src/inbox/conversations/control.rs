//! Taking a conversation over, and giving it back.

use nexus_core::ids::ConversationId;
use nexus_core::seam::control::{self, TakeoverCause};
use nexus_core::seam::turns::{self, BurstDefaults, DueTurn};
use nexus_core::tenancy::TenantTx;
use uuid::Uuid;

use super::Standing;
use crate::inbox::InboxError;

/// Takes it over for a person. What the assistant was about to say is refused from now on.
pub async fn take_over(tx: &mut TenantTx, conversation: ConversationId, me: Option<Uuid>) -> Result<(), InboxError> {
    let standing = Standing::lock(tx, conversation).await?;
    hold(tx, &standing).await?;
    let tenant = tx.tenant();
    sqlx::query(
        "UPDATE chat_conversations
         SET assigned_user_id = coalesce($3, assigned_user_id),
             status = CASE WHEN status IN ('resolved', 'snoozed') THEN 'open' ELSE status END, snoozed_until = NULL,
             revision = revision + 1, updated_at = now()
         WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tenant)
    .bind(conversation)
    .bind(me)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Makes sure that a person has it, and goes on having it for the tenant's silence window. One that is with the agents
/// already keeps its epoch: the assistant's parting words may still be on their way.
pub(super) async fn hold(tx: &mut TenantTx, standing: &Standing) -> Result<(), InboxError> {
    let tenant = tx.tenant();
    if !standing.is_with_agent {
        control::take_over(tx, &[(tenant, standing.id)], TakeoverCause::PersonAnswered).await?;
        return Ok(());
    }
    sqlx::query(
        "UPDATE chat_conversations c SET resume_at = now() + make_interval(hours => t.silence_window_hours)
         FROM tenants t WHERE t.id = c.tenant_id AND c.tenant_id = $1 AND c.id = $2",
    )
    .bind(tenant)
    .bind(standing.id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Gives it back to the assistant. Whoever still waits for an answer gets one from it; the answer says whether.
pub async fn give_back(tx: &mut TenantTx, conversation: ConversationId, burst: BurstDefaults) -> Result<bool, InboxError> {
    let standing = Standing::lock(tx, conversation).await?;
    if !standing.is_with_agent {
        return Err(InboxError::WrongState("the assistant has this conversation already"));
    }
    resume(tx, &standing, burst).await
}

/// The assistant has it again, and answers whoever still waits if that can be done with free text. The caller holds the
/// lock. The answer says whether a turn was scheduled.
pub(in crate::inbox) async fn resume(tx: &mut TenantTx, standing: &Standing, burst: BurstDefaults) -> Result<bool, InboxError> {
    let (tenant, conversation) = (tx.tenant(), standing.id);
    control::resume(tx, &[(tenant, conversation)]).await?;
    sqlx::query("UPDATE chat_conversations SET assigned_user_id = NULL WHERE tenant_id = $1 AND id = $2")
        .bind(tenant)
        .bind(conversation)
        .execute(&mut **tx)
        .await?;
    let is_due = standing.is_waited_for && !standing.is_muted && standing.status != "resolved" && standing.is_window_open;
    if is_due {
        let from_seq = answered_up_to(tx, conversation).await?;
        turns::schedule(tx, &[DueTurn { tenant, conversation, from_seq }], burst).await?;
    }
    Ok(is_due)
}

/// The last inbound message before somebody of the business spoke.
async fn answered_up_to(tx: &mut TenantTx, conversation: ConversationId) -> Result<i64, sqlx::Error> {
    let tenant = tx.tenant();
    sqlx::query_scalar(
        "SELECT coalesce(max(m.inbound_seq), 0) FROM chat_messages m
         WHERE m.tenant_id = $1 AND m.conversation_id = $2 AND m.sent_at <= coalesce(
             (SELECT max(o.sent_at) FROM chat_messages o
              WHERE o.tenant_id = $1 AND o.conversation_id = $2 AND o.direction = 'outbound'), '-infinity')",
    )
    .bind(tenant)
    .bind(conversation)
    .fetch_one(&mut **tx)
    .await
}
