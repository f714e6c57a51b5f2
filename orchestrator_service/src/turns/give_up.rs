//! What happens when the assistant cannot answer: the customer hears so once, a person gets the conversation and a
//! mail, the operator an event. Newer messages never undo this; only a change of control does.

use nexus_core::ids::{ConversationId, TenantId, TurnId};
use nexus_core::seam::control;
use nexus_core::system_events::{self, Severity, SystemEvent};
use nexus_core::tenancy::Db;
use serde_json::{Value, json};
use sqlx::PgConnection;

use super::end::{Ended, Standing, Usage, close, say};
use super::{ClaimedTurn, TurnError};
use crate::handoff::{self, HandoffMail, Reason};
use crate::model::ModelError;
use crate::phrases::{Language, a_person_will_answer};

/// Why the assistant cannot answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum GiveUp {
    /// The model failed, and asking again does not help now.
    Model(ModelError),
    /// The model answered nothing that could be said.
    NoAnswer,
    /// Too many rounds of tools.
    Rounds,
    /// Too much time.
    Seconds,
}

impl GiveUp {
    const fn event(&self) -> &'static str {
        match self {
            Self::Model(ModelError::NoKey) => "model_key_missing",
            Self::Model(_) | Self::NoAnswer => "model_failed",
            Self::Rounds | Self::Seconds => "turn_limit_reached",
        }
    }

    const fn class(&self) -> &'static str {
        match self {
            Self::Model(error) => error.class(),
            Self::NoAnswer => "no_answer",
            Self::Rounds => "rounds",
            Self::Seconds => "seconds",
        }
    }
}

/// Which conversation goes to a person, and on account of which turn.
#[derive(Clone, Copy, Debug)]
pub struct Handover {
    /// Whose.
    pub tenant: TenantId,
    /// Which conversation.
    pub conversation: ConversationId,
    /// Which turn failed.
    pub turn: TurnId,
}

/// Gives the conversation to a person, with an event for the operator and a mail. One per turn.
pub async fn hand_to_a_person(
    conn: &mut PgConnection,
    handover: Handover,
    event: &str,
    detail: &Value,
) -> Result<(), sqlx::Error> {
    let Handover { tenant, conversation, turn } = handover;
    control::hand_off(conn, tenant, conversation, turn).await?;
    handoff::mark_pending(conn, tenant, conversation).await?;
    let event =
        SystemEvent { tenant: Some(tenant), kind: event, severity: Severity::Error, conversation: Some(conversation), detail };
    system_events::record(conn, event).await?;
    handoff::queue_mail(conn, tenant, &turn.to_string(), &HandoffMail::new(conversation, Reason::Failure)).await
}

/// Ends the turn with a handoff and one polite sentence.
pub(super) async fn give_up(db: &Db, turn: &ClaimedTurn, reason: &GiveUp, usage: &Usage) -> Result<Ended, TurnError> {
    let mut tx = db.tenant(turn.tenant).await?;
    let mut standing = Standing::lock(&mut tx, turn).await?;
    if !standing.may_speak() {
        let ended = close(&mut tx, turn, Ended::Skipped, "control changed hands", usage).await?;
        tx.commit().await?;
        return Ok(ended);
    }
    // The turn may have handed over before it failed; then the people know already.
    if !standing.is_with_agent {
        let handover = Handover { tenant: turn.tenant, conversation: turn.conversation, turn: turn.id };
        let mut detail = json!({ "turn_id": turn.id, "class": reason.class() });
        if let GiveUp::Model(ModelError::Refused { code: Some(code) }) = reason {
            detail["code"] = json!(code);
        }
        hand_to_a_person(&mut tx, handover, reason.event(), &detail).await?;
        standing = Standing::lock(&mut tx, turn).await?;
    }
    let language: String =
        sqlx::query_scalar("SELECT language FROM tenants WHERE id = $1").bind(turn.tenant).fetch_one(&mut *tx).await?;
    say(&mut tx, turn, &standing, a_person_will_answer(Language::of_code(&language))).await?;
    let ended = close(&mut tx, turn, Ended::GaveUp, &format!("gave up: {}", reason.class()), usage).await?;
    tx.commit().await?;
    Ok(ended)
}
