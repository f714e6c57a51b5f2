//! Finishes a turn (T4): one transaction in which the draft is sent, discarded for newer messages, or refused because
//! control changed hands.

use nexus_core::ids::TurnId;
use nexus_core::tenancy::{Db, TenantTx};

use super::draft::Draft;
use super::end::{Ended, Standing, Usage, close, say};
use super::{ClaimedTurn, TurnError};

/// The draft after this many discarded ones is sent, or somebody who never stops typing would never be answered.
const MOST_DISCARDED_DRAFTS: i32 = 2;

/// Sends the draft if it still fits.
pub async fn finish(db: &Db, turn: &ClaimedTurn, draft: &Draft) -> Result<Ended, TurnError> {
    let mut tx = db.tenant(turn.tenant).await?;
    let standing = Standing::lock(&mut tx, turn).await?;
    let is_discarded =
        standing.has_newer_messages() && standing.discarded_drafts < MOST_DISCARDED_DRAFTS && !draft.is_handed_over;
    let ended = if !standing.may_speak() {
        close(&mut tx, turn, Ended::Skipped, "control changed hands", &draft.usage).await?
    } else if is_discarded {
        carry_over(&mut tx, turn, &standing).await?;
        close(&mut tx, turn, Ended::Superseded, "newer messages arrived", &draft.usage).await?
    } else {
        say(&mut tx, turn, &standing, &draft.text).await?;
        let (ended, outcome) =
            if draft.is_handed_over { (Ended::HandedOver, "passed on to a person") } else { (Ended::Answered, "answered") };
        close(&mut tx, turn, ended, outcome, &draft.usage).await?
    };
    tx.commit().await?;
    Ok(ended)
}

/// Ends a turn that has nothing to say.
pub(super) async fn skip(db: &Db, turn: &ClaimedTurn, outcome: &str, usage: &Usage) -> Result<Ended, TurnError> {
    let mut tx = db.tenant(turn.tenant).await?;
    Standing::lock(&mut tx, turn).await?;
    let ended = close(&mut tx, turn, Ended::Skipped, outcome, usage).await?;
    tx.commit().await?;
    Ok(ended)
}

/// Makes the next turn answer this one's messages too. The newer message has opened that turn, unless somebody has
/// dropped it meanwhile.
async fn carry_over(tx: &mut TenantTx, turn: &ClaimedTurn, standing: &Standing) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO turns (tenant_id, id, conversation_id, origin, state, from_seq, due_at, burst_deadline_at, discarded_drafts)
         VALUES ($1, $2, $3, $4, 'collecting', $5, now(), now(), $6)
         ON CONFLICT (tenant_id, conversation_id) WHERE state = 'collecting'
         DO UPDATE SET from_seq = least(turns.from_seq, excluded.from_seq),
                       discarded_drafts = greatest(turns.discarded_drafts, excluded.discarded_drafts)",
    )
    .bind(turn.tenant)
    .bind(TurnId::new())
    .bind(turn.conversation)
    .bind(&standing.origin)
    .bind(turn.from_seq)
    .bind(standing.discarded_drafts + 1)
    .execute(&mut **tx)
    .await
    .map(drop)
}
