//! Loads what a turn knows, in one transaction of its tenant: nothing of anybody else can get in.

use chrono::Utc;
use nexus_core::ids::ContactId;
use nexus_core::tenancy::{Db, TenantTx};

use super::prompt::{Assistant, Author, Business, Context, Spoken};
use super::{ClaimedTurn, TurnError, steps};
use crate::phrases::Language;

/// What the model is reminded of.
const HISTORY_MESSAGES: i64 = 20;
/// A flood of messages is still one burst; its newest part is enough.
const BURST_MESSAGES: i64 = 100;

#[derive(sqlx::FromRow)]
struct Facts {
    name: String,
    language: String,
    time_zone: String,
    location: Option<String>,
    website: Option<String>,
    description: Option<String>,
    contact_name: String,
    persona: String,
    instructions: String,
    facts: String,
    model: Option<String>,
    tools: Vec<String>,
}

/// Everything the prompt is built from, or `None` when the assistant has been withdrawn since the claim.
pub(super) async fn load(db: &Db, turn: &ClaimedTurn) -> Result<Option<Context>, TurnError> {
    let mut tx = db.tenant(turn.tenant).await?;
    let Some(facts) = facts(&mut tx, turn).await? else { return Ok(None) };
    let history = history(&mut tx, turn).await?;
    let burst = burst(&mut tx, turn).await?;
    let effects = steps::effects_of_discarded_drafts(&mut tx, turn.conversation, turn.from_seq).await?;
    tx.commit().await?;
    Ok(Some(Context {
        business: Business {
            name: facts.name,
            language: Language::of_code(&facts.language),
            time_zone: facts.time_zone.parse().unwrap_or(chrono_tz::UTC),
            location: facts.location,
            website: facts.website,
            description: facts.description,
        },
        assistant: Assistant {
            persona: facts.persona,
            instructions: facts.instructions,
            facts: facts.facts,
            model: facts.model,
            tools: facts.tools,
        },
        contact_name: facts.contact_name,
        history,
        burst,
        effects,
        now: Utc::now(),
    }))
}

async fn facts(tx: &mut TenantTx, turn: &ClaimedTurn) -> Result<Option<Facts>, sqlx::Error> {
    sqlx::query_as(
        "SELECT n.name, n.language, n.time_zone, n.location, n.website, n.description, p.display_name AS contact_name,
                v.persona, v.instructions, v.facts, v.model, v.tools
         FROM tenants n
         JOIN channels h ON h.tenant_id = n.id AND h.id = $2
         JOIN contacts p ON p.tenant_id = n.id AND p.id = $3
         JOIN assistants a ON a.tenant_id = n.id AND a.id = h.assistant_id
         JOIN assistant_versions v ON v.tenant_id = n.id AND v.id = a.published_version_id
         WHERE n.id = $1",
    )
    .bind(turn.tenant)
    .bind(turn.channel)
    .bind::<ContactId>(turn.contact)
    .fetch_optional(&mut **tx)
    .await
}

/// What was said before the burst. Messages newer than the turn are left to the next one, and what never reached the
/// customer was never said.
async fn history(tx: &mut TenantTx, turn: &ClaimedTurn) -> Result<Vec<Spoken>, sqlx::Error> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT author, body FROM (
             SELECT author, body, sent_at, id FROM chat_messages
             WHERE tenant_id = $1 AND conversation_id = $2 AND (inbound_seq IS NULL OR inbound_seq <= $3)
               AND (status IS NULL OR status NOT IN ('cancelled', 'failed'))
             ORDER BY sent_at DESC, id DESC LIMIT $4
         ) AS newest ORDER BY sent_at, id",
    )
    .bind(turn.tenant)
    .bind(turn.conversation)
    .bind(turn.from_seq)
    .bind(HISTORY_MESSAGES)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|(author, body)| Spoken { author: Author::of_column(&author), body }).collect())
}

/// The messages this turn answers, by the sender's time.
async fn burst(tx: &mut TenantTx, turn: &ClaimedTurn) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT body FROM (
             SELECT body, sent_at, id FROM chat_messages
             WHERE tenant_id = $1 AND conversation_id = $2 AND inbound_seq > $3 AND inbound_seq <= $4
             ORDER BY sent_at DESC, id DESC LIMIT $5
         ) AS newest ORDER BY sent_at, id",
    )
    .bind(turn.tenant)
    .bind(turn.conversation)
    .bind(turn.from_seq)
    .bind(turn.to_seq)
    .bind(BURST_MESSAGES)
    .fetch_all(&mut **tx)
    .await
}
