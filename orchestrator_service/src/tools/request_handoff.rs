//! `request_handoff`: the conversation goes to a person, who is mailed. Everything in one transaction, recognised by
//! its effect key when it is asked for again after a crash.

use futures_util::future::BoxFuture;
use nexus_core::seam::control;
use nexus_core::system_events::{self, Severity, SystemEvent};
use nexus_core::tenancy::TenantTx;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Effect, Tool, ToolContext, ToolError};
use crate::handoff::{self, HandoffMail, Reason};

/// The name under which turns recognise that they have handed over.
pub const NAME: &str = "request_handoff";

/// The tool.
#[derive(Clone, Copy, Debug)]
pub struct RequestHandoff;

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Arguments {
    /// Why a person is needed, in one sentence, in the language of the business.
    reason: String,
    /// What the person should know: what the customer wants and what has been said so far.
    summary: Option<String>,
}

impl Tool for RequestHandoff {
    fn name(&self) -> &'static str {
        NAME
    }

    fn description(&self) -> &'static str {
        "Passes the conversation to a person of the business. Use it when the customer asks for a person, is upset, or needs \
         something you cannot do. Afterwards tell the customer once that a person will answer here."
    }

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn schema(&self) -> Value {
        schema_of::<Arguments>()
    }

    fn run<'a>(&'a self, context: &'a ToolContext<'a>, arguments: Value) -> BoxFuture<'a, Result<Value, ToolError>> {
        Box::pin(async move {
            let arguments: Arguments = serde_json::from_value(arguments).map_err(|error| ToolError::Words(error.to_string()))?;
            let mut tx = context.db.tenant(context.tenant).await?;
            // Handed over under the turn's own epoch: by this turn, in an earlier call or before a crash.
            if !is_handed_over(&mut tx, context).await? {
                hand_over(&mut tx, context, arguments).await?;
            }
            tx.commit().await?;
            Ok(json!({
                "ok": true,
                "handed_over": true,
                "note": "Tell the customer once, briefly, that a person of the team will answer here. Promise no time.",
            }))
        })
    }
}

/// Locks the conversation and refuses a turn that no longer speaks for it.
async fn is_handed_over(tx: &mut TenantTx, context: &ToolContext<'_>) -> Result<bool, ToolError> {
    let (epoch, is_with_agent): (i64, bool) = sqlx::query_as(
        "SELECT control_epoch, handled_by = 'agent' FROM chat_conversations WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
    )
    .bind(context.tenant)
    .bind(context.conversation)
    .fetch_one(&mut **tx)
    .await?;
    let speaks: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM turns WHERE tenant_id = $1 AND id = $2 AND lease_token = $3 AND state = 'running'
                                            AND control_epoch = $4)",
    )
    .bind(context.tenant)
    .bind(context.turn)
    .bind(context.lease_token)
    .bind(epoch)
    .fetch_one(&mut **tx)
    .await?;
    if speaks { Ok(is_with_agent) } else { Err(ToolError::TurnIsStale) }
}

async fn hand_over(tx: &mut TenantTx, context: &ToolContext<'_>, arguments: Arguments) -> Result<(), sqlx::Error> {
    control::hand_off(tx, context.tenant, context.conversation, context.turn).await?;
    handoff::mark_pending(tx, context.tenant, context.conversation).await?;
    system_events::record(
        tx,
        SystemEvent {
            tenant: Some(context.tenant),
            kind: "handoff_requested",
            severity: Severity::Info,
            conversation: Some(context.conversation),
            detail: &json!({ "turn_id": context.turn }),
        },
    )
    .await?;
    let reason = Reason::Assistant { reason: arguments.reason, summary: arguments.summary.unwrap_or_default() };
    handoff::queue_mail(tx, context.tenant, &context.effect_key(), &HandoffMail::new(context.conversation, reason)).await
}

/// The JSON schema of a tool's arguments, without what only validators need.
pub(super) fn schema_of<T: JsonSchema>() -> Value {
    let mut schema = schemars::schema_for!(T).to_value();
    if let Some(fields) = schema.as_object_mut() {
        fields.remove("$schema");
        fields.remove("title");
        fields.entry("properties").or_insert_with(|| json!({}));
    }
    schema
}
