//! Why the assistant said it: the turn behind a message, with its steps.

use chrono::{DateTime, Utc};
use nexus_core::ids::{ConversationId, MessageId, TurnId};
use nexus_core::tenancy::TenantTx;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::inbox::InboxError;

/// One recorded step.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct TraceStep {
    /// Its place.
    pub number: i32,
    /// model_answer, tool_intent or tool_result.
    pub kind: String,
    /// The tool call it belongs to.
    pub call_id: Option<String>,
    /// What was said or found.
    #[schema(value_type = Object)]
    pub payload: Value,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// What a turn cost; shown to those who answer for it.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct TraceCost {
    /// The model that answered.
    pub model: Option<String>,
    /// Billed input.
    pub prompt_tokens: i64,
    /// Billed output.
    pub completion_tokens: i64,
}

/// One turn.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct Trace {
    /// Which.
    #[schema(value_type = Uuid)]
    pub id: TurnId,
    /// collecting, running, done, superseded, skipped or dead.
    pub state: String,
    /// What it came to.
    pub outcome: Option<String>,
    /// The inbound messages it answers, in their order.
    #[schema(value_type = Vec<Uuid>)]
    pub inbound_message_ids: Vec<MessageId>,
    /// The messages it wrote.
    #[schema(value_type = Vec<Uuid>)]
    pub outbound_message_ids: Vec<MessageId>,
    /// When its first message came.
    pub created_at: DateTime<Utc>,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// How often a worker took it.
    pub attempts: i32,
    /// What it cost; absent for those who need not know.
    #[sqlx(skip)]
    pub cost: Option<TraceCost>,
    /// Its steps.
    #[sqlx(skip)]
    pub steps: Vec<TraceStep>,
}

/// The turn that wrote an outbound message, or that answers an inbound one.
pub async fn trace(
    tx: &mut TenantTx,
    conversation: ConversationId,
    message: MessageId,
    with_cost: bool,
) -> Result<Trace, InboxError> {
    super::get::row(tx, conversation, message).await?;
    let tenant = tx.tenant();
    let found: Option<Trace> = sqlx::query_as(
        "SELECT t.id, t.state, t.outcome, t.created_at, t.started_at, t.finished_at, t.attempts,
                ARRAY(SELECT i.id FROM chat_messages i
                      WHERE i.tenant_id = t.tenant_id AND i.conversation_id = t.conversation_id
                        AND i.inbound_seq > t.from_seq AND i.inbound_seq <= t.to_seq ORDER BY i.inbound_seq LIMIT 200)
                    AS inbound_message_ids,
                ARRAY(SELECT o.id FROM chat_messages o
                      WHERE o.tenant_id = t.tenant_id AND o.conversation_id = t.conversation_id AND o.turn_id = t.id
                      ORDER BY o.sent_at, o.id LIMIT 200) AS outbound_message_ids
         FROM chat_messages m
         JOIN turns t ON t.tenant_id = m.tenant_id AND t.conversation_id = m.conversation_id
             AND (t.id = m.turn_id OR (m.inbound_seq > t.from_seq AND m.inbound_seq <= t.to_seq))
         WHERE m.tenant_id = $1 AND m.conversation_id = $2 AND m.id = $3
         ORDER BY t.state = 'done' DESC, t.id DESC LIMIT 1",
    )
    .bind(tenant)
    .bind(conversation)
    .bind(message)
    .fetch_optional(&mut **tx)
    .await?;
    let mut trace = found.ok_or(InboxError::NotFound("turn behind this message"))?;
    trace.steps = steps(tx, trace.id).await?;
    if with_cost {
        trace.cost = cost(tx, trace.id).await?;
    }
    Ok(trace)
}

async fn steps(tx: &mut TenantTx, turn: TurnId) -> Result<Vec<TraceStep>, sqlx::Error> {
    let tenant = tx.tenant();
    sqlx::query_as(
        "SELECT number, kind, call_id, payload - '{usage,model,prompt_tokens,completion_tokens}'::text[] AS payload, created_at
         FROM turn_steps WHERE tenant_id = $1 AND turn_id = $2 ORDER BY number LIMIT 500",
    )
    .bind(tenant)
    .bind(turn)
    .fetch_all(&mut **tx)
    .await
}

async fn cost(tx: &mut TenantTx, turn: TurnId) -> Result<Option<TraceCost>, sqlx::Error> {
    let tenant = tx.tenant();
    sqlx::query_as("SELECT model, prompt_tokens, completion_tokens FROM turns WHERE tenant_id = $1 AND id = $2")
        .bind(tenant)
        .bind(turn)
        .fetch_optional(&mut **tx)
        .await
}
