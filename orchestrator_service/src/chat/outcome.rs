//! What has become of a message handed in by `POST /chat`: read off the turns of its conversation, under its lock.

use nexus_core::ids::TurnId;
use nexus_core::tenancy::{Db, TenantTx};
use std::time::Duration;

use super::arrival::{Route, Stored};
use crate::turns::{ClaimedTurn, Pick, claim_now};

/// What a caller is told when its message is answered in the next one's answer.
const SUPERSEDED: &str = "superseded by a newer message";

/// What has become of the message, or what to do next.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Its turn has ended with an answer; and whether a person has to go on.
    Answered(TurnId, bool),
    /// It will never be answered to this caller.
    Ignored(String),
    /// Its turn waits for us.
    Ours(Box<ClaimedTurn>),
    /// Somebody is working on it, or on the turn before it.
    Wait,
}

#[derive(sqlx::FromRow)]
struct Standing {
    inbound_seq: i64,
    is_with_agent: bool,
    is_muted: bool,
    is_suspended: bool,
    has_running_turn: bool,
}

#[derive(sqlx::FromRow)]
struct Covering {
    id: TurnId,
    state: String,
    origin: String,
    to_seq: Option<i64>,
    outcome: Option<String>,
}

/// Looks, and claims the turn when it is ready for us.
pub(super) async fn look(db: &Db, route: Route, stored: Stored, lease: Duration) -> Result<Outcome, sqlx::Error> {
    let Some(seq) = stored.inbound_seq else {
        return Ok(Outcome::Ignored("the message deserves no answer".to_owned()));
    };
    let mut tx = db.tenant(route.tenant_id).await?;
    let standing = lock(&mut tx, stored).await?;
    let outcome = match covering(&mut tx, stored, seq).await? {
        None => Outcome::Ignored(standing.silence().to_owned()),
        Some(turn) => match turn.state.as_str() {
            "collecting" if seq < standing.inbound_seq => Outcome::Ignored(SUPERSEDED.to_owned()),
            "collecting" if standing.has_running_turn => Outcome::Wait,
            "collecting" => {
                let pick = Pick { tenant_id: route.tenant_id, id: turn.id, conversation_id: stored.conversation_id };
                // Nothing claimed means that it was skipped; the next look says why.
                claim_now(&mut tx, pick, lease).await?.map_or(Outcome::Wait, |claimed| Outcome::Ours(Box::new(claimed)))
            }
            _ => turn.fate(seq),
        },
    };
    tx.commit().await?;
    Ok(outcome)
}

impl Standing {
    /// Why no turn covers a message.
    const fn silence(&self) -> &'static str {
        if self.is_muted {
            "the contact has opted out"
        } else if self.is_with_agent {
            "a person has the conversation"
        } else if self.is_suspended {
            "the business is suspended"
        } else {
            "there is nothing to answer"
        }
    }
}

impl Covering {
    fn fate(self, seq: i64) -> Outcome {
        // The answer goes to whoever handed in the newest message it covers.
        if self.to_seq != Some(seq) || self.state == "superseded" {
            return Outcome::Ignored(SUPERSEDED.to_owned());
        }
        match self.state.as_str() {
            "running" => Outcome::Wait,
            "done" if self.origin == "chat" => {
                let is_with_person = self.outcome.as_deref() != Some("answered");
                Outcome::Answered(self.id, is_with_person)
            }
            "done" => Outcome::Ignored("answered on WhatsApp already".to_owned()),
            _ => Outcome::Ignored(self.outcome.unwrap_or_else(|| "a person has the conversation".to_owned())),
        }
    }
}

async fn lock(tx: &mut TenantTx, stored: Stored) -> Result<Standing, sqlx::Error> {
    let tenant = tx.tenant();
    sqlx::query("SELECT FROM chat_conversations WHERE tenant_id = $1 AND id = $2 FOR UPDATE")
        .bind(tenant)
        .bind(stored.conversation_id)
        .execute(&mut **tx)
        .await?;
    sqlx::query_as(
        "SELECT c.inbound_seq, c.handled_by = 'agent' AS is_with_agent, n.suspended_at IS NOT NULL AS is_suspended,
                p.opted_out_at IS NOT NULL OR p.blocked_at IS NOT NULL AS is_muted,
                EXISTS (SELECT FROM turns t WHERE t.tenant_id = c.tenant_id AND t.conversation_id = c.id AND t.state = 'running')
                    AS has_running_turn
         FROM chat_conversations c
         JOIN tenants n ON n.id = c.tenant_id
         JOIN contacts p ON p.tenant_id = c.tenant_id AND p.id = c.contact_id
         WHERE c.tenant_id = $1 AND c.id = $2",
    )
    .bind(tenant)
    .bind(stored.conversation_id)
    .fetch_one(&mut **tx)
    .await
}

/// The latest turn that answers the message: earlier ones were superseded by it.
async fn covering(tx: &mut TenantTx, stored: Stored, seq: i64) -> Result<Option<Covering>, sqlx::Error> {
    let tenant = tx.tenant();
    sqlx::query_as(
        "SELECT id, state, origin, to_seq, outcome FROM turns
         WHERE tenant_id = $1 AND conversation_id = $2 AND from_seq < $3 AND (to_seq IS NULL OR to_seq >= $3)
         ORDER BY id DESC LIMIT 1",
    )
    .bind(tenant)
    .bind(stored.conversation_id)
    .bind(seq)
    .fetch_optional(&mut **tx)
    .await
}
