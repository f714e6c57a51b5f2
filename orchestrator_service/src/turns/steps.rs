//! The log of a turn: append-only, and only by whoever holds its lease. Each step is one short transaction.

use std::collections::{HashMap, VecDeque};

use nexus_core::ids::{ConversationId, LeaseToken, TenantId, TurnId};
use nexus_core::tenancy::{Db, TenantTx};
use nexus_core::text::json_without_nul;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ClaimedTurn, TurnError};
use crate::model::ModelAnswer;

/// What a tool answered, as it is kept. Fields are only ever added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolResult {
    /// Which tool; empty for a name no tool has.
    pub tool: String,
    /// Whether it has an effect outside the turn.
    pub has_effect: bool,
    /// Whether it did what was asked.
    pub is_ok: bool,
    /// What the model gets to read.
    pub content: Value,
}

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// What the model said.
    ModelAnswer(ModelAnswer),
    /// A tool with an effect is about to run.
    ToolIntent {
        /// The call.
        call_id: String,
        /// Which tool.
        tool: String,
    },
    /// What a tool answered.
    ToolResult {
        /// The call.
        call_id: String,
        /// The answer.
        result: ToolResult,
    },
}

/// What an earlier worker left, to be used up in order, and the place where new steps go.
#[derive(Debug)]
pub struct StepLog {
    db: Db,
    tenant: TenantId,
    turn: TurnId,
    lease_token: LeaseToken,
    next_number: i32,
    answers: VecDeque<ModelAnswer>,
    results: HashMap<String, ToolResult>,
}

impl StepLog {
    /// Reads what has been recorded so far.
    pub async fn load(db: &Db, turn: &ClaimedTurn) -> Result<Self, TurnError> {
        let mut tx = db.tenant(turn.tenant).await?;
        let rows: Vec<(i32, String, Option<String>, Value)> = sqlx::query_as(
            "SELECT number, kind, call_id, payload FROM turn_steps WHERE tenant_id = $1 AND turn_id = $2 ORDER BY number",
        )
        .bind(turn.tenant)
        .bind(turn.id)
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        let mut log = Self {
            db: db.clone(),
            tenant: turn.tenant,
            turn: turn.id,
            lease_token: turn.lease_token,
            next_number: rows.last().map_or(0, |(number, ..)| number + 1),
            answers: VecDeque::new(),
            results: HashMap::new(),
        };
        for (_, kind, call_id, payload) in rows {
            match kind.as_str() {
                "model_answer" => log.answers.push_back(serde_json::from_value(payload)?),
                "tool_result" => {
                    log.results.insert(call_id.unwrap_or_default(), serde_json::from_value(payload)?);
                }
                // An intent alone says that the effect may have happened; the tool is asked again under the same call id.
                _ => {}
            }
        }
        Ok(log)
    }

    /// The next recorded model answer that has not been used yet.
    pub fn replay_answer(&mut self) -> Option<ModelAnswer> {
        self.answers.pop_front()
    }

    /// The recorded result of a call.
    #[must_use]
    pub fn replay_result(&self, call_id: &str) -> Option<&ToolResult> {
        self.results.get(call_id)
    }

    /// Records one step, unless another worker has the turn now.
    pub async fn append(&mut self, step: &Step) -> Result<(), TurnError> {
        let (kind, call_id, payload) = match step {
            Step::ModelAnswer(answer) => ("model_answer", None, serde_json::to_value(answer)?),
            Step::ToolIntent { call_id, tool } => ("tool_intent", Some(call_id), serde_json::json!({ "tool": tool })),
            Step::ToolResult { call_id, result } => ("tool_result", Some(call_id), serde_json::to_value(result)?),
        };
        let mut tx = self.db.tenant(self.tenant).await?;
        let appended = sqlx::query(
            "INSERT INTO turn_steps (tenant_id, turn_id, number, kind, call_id, payload)
             SELECT tenant_id, id, $3, $4, $5, $6 FROM turns
             WHERE tenant_id = $1 AND id = $2 AND lease_token = $7 AND state = 'running'",
        )
        .bind(self.tenant)
        .bind(self.turn)
        .bind(self.next_number)
        .bind(kind)
        .bind(call_id)
        .bind(json_without_nul(payload))
        .bind(self.lease_token)
        .execute(&mut *tx)
        .await?;
        if appended.rows_affected() == 0 {
            return Err(TurnError::LeaseLost);
        }
        tx.commit().await?;
        self.next_number += 1;
        Ok(())
    }
}

/// What discarded drafts of the same burst have already done, as (tool, content): effects outlive the words about them.
pub(super) async fn effects_of_discarded_drafts(
    tx: &mut TenantTx,
    conversation: ConversationId,
    from_seq: i64,
) -> Result<Vec<(String, Value)>, sqlx::Error> {
    let tenant = tx.tenant();
    sqlx::query_as(
        "SELECT s.payload ->> 'tool', s.payload -> 'content'
         FROM turns t JOIN turn_steps s ON s.tenant_id = t.tenant_id AND s.turn_id = t.id
         WHERE t.tenant_id = $1 AND t.conversation_id = $2 AND t.state = 'superseded' AND t.from_seq >= $3
           AND s.kind = 'tool_result' AND s.payload -> 'has_effect' = 'true' AND s.payload -> 'is_ok' = 'true'
         ORDER BY t.id, s.number",
    )
    .bind(tenant)
    .bind(conversation)
    .bind(from_seq)
    .fetch_all(&mut **tx)
    .await
}
