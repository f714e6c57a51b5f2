//! Model ⇄ tools until there is something to say. Whatever an earlier worker recorded is used instead of being asked or
//! done again.

use std::collections::HashSet;

use chrono::Utc;
use nexus_core::failpoint;
use tokio::time::Instant;

use super::calls::{failed, make_ids_unique, read_arguments, succeeded};
use super::end::Usage;
use super::give_up::GiveUp;
use super::prompt::{self, Context};
use super::steps::{Step, StepLog, ToolResult};
use super::{ClaimedTurn, TurnError};
use crate::model::{ChatMessage, ChatRequest, Model, ModelAnswer, RequestedCall, ToolChoice};
use crate::state::Brain;
use crate::tools::{Effect, ToolContext, ToolError, request_handoff};

/// Requests to the model; the last one may not call tools.
const MOST_ROUNDS: usize = 6;
const MOST_CALLS: usize = 16;
/// Empty or cut-off answers, after which asking again is pointless.
const MOST_FRUITLESS: usize = 2;

/// What is to be said.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The whole answer, not yet cut into bubbles.
    pub text: String,
    /// Whether this turn passed the conversation to a person; then newer messages do not make the draft stale.
    pub is_handed_over: bool,
    /// What it cost.
    pub usage: Usage,
}

/// Why there is no draft.
#[derive(Debug)]
pub(super) enum Stop {
    /// Control changed hands.
    Stale,
    /// A person has to answer.
    GiveUp(GiveUp),
    /// This worker cannot go on; another claim will.
    Turn(TurnError),
}

impl<E: Into<TurnError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Turn(error.into())
    }
}

/// A draft in the making.
pub(super) struct Drafting<'a> {
    pub(super) draft: Draft,
    brain: &'a Brain,
    /// The model of the business.
    model: Model,
    turn: &'a ClaimedTurn,
    context: Context,
    log: StepLog,
    messages: Vec<ChatMessage>,
    call_ids: HashSet<String>,
    calls_seen: usize,
}

impl<'a> Drafting<'a> {
    pub(super) fn new(brain: &'a Brain, model: Model, turn: &'a ClaimedTurn, context: Context, log: StepLog) -> Self {
        let messages = prompt::messages(&context);
        Self { draft: Draft::default(), brain, model, turn, context, log, messages, call_ids: HashSet::new(), calls_seen: 0 }
    }

    /// Goes round until the model says something.
    pub(super) async fn write(&mut self, deadline: Instant) -> Result<(), Stop> {
        let mut fruitless = 0;
        for round in 0..MOST_ROUNDS {
            let is_last = round + 1 == MOST_ROUNDS;
            let answer = self.next_answer(round, if is_last { ToolChoice::None } else { ToolChoice::Auto }, deadline).await?;
            self.count(&answer);
            let wants_tools = !answer.calls.is_empty() && !is_last;
            if !wants_tools && !answer.text.trim().is_empty() {
                self.draft.text = answer.text;
                return Ok(());
            }
            // The arguments of a call that was cut off are not what the model meant.
            if !wants_tools || answer.is_truncated {
                fruitless += 1;
                if fruitless == MOST_FRUITLESS {
                    return Err(Stop::GiveUp(GiveUp::NoAnswer));
                }
                continue;
            }
            self.run_calls(&answer).await?;
        }
        Err(Stop::GiveUp(GiveUp::Rounds))
    }

    /// The recorded answer of this round, or a new one.
    async fn next_answer(&mut self, round: usize, choice: ToolChoice, deadline: Instant) -> Result<ModelAnswer, Stop> {
        if let Some(mut recorded) = self.log.replay_answer() {
            make_ids_unique(&mut recorded.calls, &mut self.call_ids, self.turn.id, round);
            return Ok(recorded);
        }
        self.refuse_if_stale().await?;
        let model = self.context.assistant.model.clone().unwrap_or_else(|| self.model.default_model().to_owned());
        let tools = self.brain.tools.definitions(&self.context.assistant.tools);
        let request = ChatRequest::new(model, self.messages.clone(), tools, choice);
        let mut answer = match self.model.complete(&request, deadline).await {
            Ok(answer) => answer,
            Err(error) => {
                self.model.report(&self.brain.db, &error).await?;
                return Err(Stop::GiveUp(GiveUp::Model(error)));
            }
        };
        self.log.append(&Step::ModelAnswer(answer.clone())).await?;
        failpoint::reach("after_model_step");
        make_ids_unique(&mut answer.calls, &mut self.call_ids, self.turn.id, round);
        Ok(answer)
    }

    /// Saves the cost of an answer that would be refused; whether it is refused is decided at the finish.
    async fn refuse_if_stale(&self) -> Result<(), Stop> {
        let mut tx = self.brain.db.tenant(self.turn.tenant).await?;
        let is_current: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM turns t
                 JOIN chat_conversations c ON c.tenant_id = t.tenant_id AND c.id = t.conversation_id
                 WHERE t.tenant_id = $1 AND t.id = $2 AND t.lease_token = $3 AND t.control_epoch = c.control_epoch)",
        )
        .bind(self.turn.tenant)
        .bind(self.turn.id)
        .bind(self.turn.lease_token)
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        if is_current { Ok(()) } else { Err(Stop::Stale) }
    }

    fn count(&mut self, answer: &ModelAnswer) {
        let usage = &mut self.draft.usage;
        usage.model.clone_from(&answer.model);
        usage.prompt_tokens += answer.prompt_tokens;
        usage.completion_tokens += answer.completion_tokens;
    }

    /// One after the other: the order of effects is the order of the calls. Every call gets its result, or servers
    /// refuse the next request.
    async fn run_calls(&mut self, answer: &ModelAnswer) -> Result<(), Stop> {
        self.messages.push(answer.to_message());
        for call in &answer.calls {
            self.calls_seen += 1;
            let result = self.result_of(call).await?;
            self.draft.is_handed_over |= result.is_ok && result.tool == request_handoff::NAME;
            self.messages.push(ChatMessage::Tool { tool_call_id: call.id.clone(), content: result.content.to_string() });
        }
        Ok(())
    }

    async fn result_of(&mut self, call: &RequestedCall) -> Result<ToolResult, Stop> {
        if let Some(recorded) = self.log.replay_result(&call.id) {
            return Ok(recorded.clone());
        }
        let result = self.run_tool(call).await?;
        self.log.append(&Step::ToolResult { call_id: call.id.clone(), result: result.clone() }).await?;
        Ok(result)
    }

    async fn run_tool(&mut self, call: &RequestedCall) -> Result<ToolResult, Stop> {
        let brain = self.brain;
        let tool = brain.tools.find(&call.name);
        let Some(tool) = tool.filter(|tool| brain.tools.is_allowed(tool.name(), &self.context.assistant.tools)) else {
            return Ok(failed(None, "there is no tool of this name; use only the tools you were given"));
        };
        if self.calls_seen > MOST_CALLS {
            return Ok(failed(Some(tool), "too many tool calls; answer with what you know"));
        }
        let arguments = match read_arguments(&call.arguments) {
            Ok(arguments) => arguments,
            Err(words) => return Ok(failed(Some(tool), &words)),
        };
        if tool.effect() == Effect::Changes {
            self.log.append(&Step::ToolIntent { call_id: call.id.clone(), tool: tool.name().to_owned() }).await?;
        }
        let context = ToolContext {
            db: &brain.db,
            vault: &brain.vault,
            redis: &brain.redis,
            tenant: self.turn.tenant,
            contact: self.turn.contact,
            conversation: self.turn.conversation,
            turn: self.turn.id,
            lease_token: self.turn.lease_token,
            call_id: &call.id,
            now: Utc::now(),
        };
        let outcome = tool.run(&context, arguments).await;
        if tool.effect() == Effect::Changes {
            failpoint::reach("after_tool_effect");
        }
        match outcome {
            Ok(content) => Ok(succeeded(tool, content)),
            Err(ToolError::Words(words)) => Ok(failed(Some(tool), &words)),
            Err(ToolError::TurnIsStale) => Err(Stop::Stale),
            Err(ToolError::Database(error)) => Err(error.into()),
        }
    }
}
