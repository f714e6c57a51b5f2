//! Who has a conversation. Every change of hands raises the control epoch; what was born under an older one is refused.

use sqlx::PgConnection;

use crate::ids::{ConversationId, TenantId, TurnId};

/// Why an agent has the conversation now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakeoverCause {
    /// Somebody answered from the phone or from the provider's own inbox.
    PersonAnswered,
    /// The assistant, or its failure, passed the conversation on.
    Handoff,
}

impl TakeoverCause {
    const fn outcome(self) -> &'static str {
        match self {
            Self::PersonAnswered => "a person answered",
            Self::Handoff => "passed on to a person",
        }
    }
}

/// Gives conversations to an agent until the tenant's silence window has passed, and drops their waiting turns.
pub async fn take_over(
    conn: &mut PgConnection,
    conversations: &[(TenantId, ConversationId)],
    cause: TakeoverCause,
) -> Result<(), sqlx::Error> {
    if conversations.is_empty() {
        return Ok(());
    }
    let mut sorted = conversations.to_vec();
    sorted.sort();
    sorted.dedup();
    let (tenants, ids): (Vec<_>, Vec<_>) = sorted.into_iter().unzip();
    sqlx::query(
        "UPDATE chat_conversations c
         SET handled_by = 'agent', control_epoch = control_epoch + 1, revision = revision + 1, updated_at = now(),
             resume_at = now() + make_interval(hours => t.silence_window_hours)
         FROM unnest($1::uuid[], $2::uuid[]) AS k (tenant_id, id) JOIN tenants t ON t.id = k.tenant_id
         WHERE c.tenant_id = k.tenant_id AND c.id = k.id",
    )
    .bind(&tenants)
    .bind(&ids)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "UPDATE turns t SET state = 'skipped', outcome = $3, finished_at = now()
         FROM unnest($1::uuid[], $2::uuid[]) AS k (tenant_id, id)
         WHERE t.tenant_id = k.tenant_id AND t.conversation_id = k.id AND t.state = 'collecting'",
    )
    .bind(&tenants)
    .bind(&ids)
    .bind(cause.outcome())
    .execute(conn)
    .await
    .map(drop)
}

/// The assistant's own handoff. The running turn moves to the new epoch, because its last words tell the customer.
pub async fn hand_off(
    conn: &mut PgConnection,
    tenant: TenantId,
    conversation: ConversationId,
    turn: TurnId,
) -> Result<(), sqlx::Error> {
    take_over(conn, &[(tenant, conversation)], TakeoverCause::Handoff).await?;
    sqlx::query(
        "UPDATE turns t SET control_epoch = c.control_epoch FROM chat_conversations c
         WHERE t.tenant_id = $1 AND t.id = $2 AND c.tenant_id = t.tenant_id AND c.id = t.conversation_id",
    )
    .bind(tenant)
    .bind(turn)
    .execute(conn)
    .await
    .map(drop)
}

/// Gives conversations back to the assistant.
pub async fn resume(conn: &mut PgConnection, conversations: &[(TenantId, ConversationId)]) -> Result<(), sqlx::Error> {
    if conversations.is_empty() {
        return Ok(());
    }
    let (tenants, ids): (Vec<_>, Vec<_>) = conversations.iter().copied().unzip();
    sqlx::query(
        "UPDATE chat_conversations c
         SET handled_by = 'assistant', control_epoch = control_epoch + 1, revision = revision + 1, updated_at = now(),
             resume_at = NULL
         FROM unnest($1::uuid[], $2::uuid[]) AS k (tenant_id, id)
         WHERE c.tenant_id = k.tenant_id AND c.id = k.id",
    )
    .bind(tenants)
    .bind(ids)
    .execute(conn)
    .await
    .map(drop)
}
