//! Forgets a contact: everything that is kept about them goes, and cannot be had back.
//!
//! The raw webhook bodies go first and in batches, because their table is large and belongs to the installation; if the
//! process dies in between, the contact is still there and the erasure is asked for again.

use nexus_core::ids::{ContactId, ConversationId, TenantId};
use nexus_core::tenancy::{Db, TenantTx};

use crate::inbox::InboxError;

/// Raw events looked at per statement.
const BATCH: i64 = 5_000;

/// By what the contact is recognised in raw bodies.
#[derive(Clone, Debug, Default)]
struct Traces {
    /// Digits of its numbers, and its user ids.
    addresses: Vec<Vec<u8>>,
    /// Ids of its messages, as many as a statement carries well.
    messages: Vec<Vec<u8>>,
    /// Digits of the tenant's own numbers.
    own_numbers: Vec<Vec<u8>>,
}

/// Empties the raw bodies that came from or went to the contact. Answers how many.
pub async fn raw_bodies(db: &Db, tenant: TenantId, contact: ContactId) -> Result<u64, InboxError> {
    let mut tx = db.tenant(tenant).await?;
    super::lock(&mut tx, contact).await?;
    let traces = traces(&mut tx, contact).await?;
    tx.commit().await?;
    let mut tx = db.system().await?;
    let newest: i64 = sqlx::query_scalar("SELECT coalesce(max(id), 0) FROM webhook_events").fetch_one(&mut *tx).await?;
    tx.commit().await?;
    let (mut from, mut emptied) = (0, 0);
    // In ranges of ids, which the journal's small index finds; some are gaps.
    while from < newest {
        // The journal belongs to no tenant; the statement itself keeps to this tenant's channels and numbers.
        let mut tx = db.system().await?;
        let count = sqlx::query(
            "UPDATE webhook_events e
                 SET body = NULL, state = 'projected', reason = 'erased', projected_at = coalesce(e.projected_at, now())
                 WHERE e.id > $2 AND e.id <= $2 + $3 AND e.body IS NOT NULL
                   AND (e.channel_id IN (SELECT id FROM channels WHERE tenant_id = $1)
                        OR (e.channel_id IS NULL AND EXISTS (SELECT FROM unnest($6::bytea[]) AS n (own) WHERE position(n.own IN e.body) > 0)))
                   AND (EXISTS (SELECT FROM unnest($4::bytea[]) AS a (address) WHERE position(a.address IN e.body) > 0)
                        OR EXISTS (SELECT FROM unnest($5::bytea[]) AS m (message) WHERE position(m.message IN e.body) > 0))",
        )
        .bind(tenant)
        .bind(from)
        .bind(BATCH)
        .bind(&traces.addresses)
        .bind(&traces.messages)
        .bind(&traces.own_numbers)
        .execute(&mut *tx)
        .await?
        .rows_affected();
        tx.commit().await?;
        emptied += count;
        from += BATCH;
    }
    Ok(emptied)
}

async fn traces(tx: &mut TenantTx, contact: ContactId) -> Result<Traces, sqlx::Error> {
    let tenant = tx.tenant();
    let addresses: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT CASE WHEN kind = 'phone' THEN regexp_replace(a, '[^0-9]', '', 'g') ELSE a END
         FROM contact_identities CROSS JOIN LATERAL (VALUES (value), (address)) AS v (a)
         WHERE tenant_id = $1 AND contact_id = $2",
    )
    .bind(tenant)
    .bind(contact)
    .fetch_all(&mut **tx)
    .await?;
    // A status names the message and not always the number; without a number the ids are all there is.
    let messages: Vec<String> = sqlx::query_scalar(
        "SELECT id FROM (
             SELECT m.provider_message_id, m.provider_ref FROM chat_messages m
             JOIN chat_conversations c ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id
             WHERE m.tenant_id = $1 AND c.contact_id = $2 AND m.direction = 'outbound'
             ORDER BY m.sent_at DESC LIMIT 1000
         ) AS newest CROSS JOIN LATERAL (VALUES (provider_message_id), (provider_ref)) AS v (id) WHERE length(id) >= 16",
    )
    .bind(tenant)
    .bind(contact)
    .fetch_all(&mut **tx)
    .await?;
    let own_numbers: Vec<String> =
        sqlx::query_scalar("SELECT regexp_replace(phone_number, '[^0-9]', '', 'g') FROM channels WHERE tenant_id = $1")
            .bind(tenant)
            .fetch_all(&mut **tx)
            .await?;
    let bytes = |texts: Vec<String>| texts.into_iter().filter(|text| text.len() >= 6).map(String::into_bytes).collect();
    Ok(Traces { addresses: bytes(addresses), messages: bytes(messages), own_numbers: bytes(own_numbers) })
}

/// Deletes the contact and all that hangs on it. Answers the conversations that are gone.
pub async fn erase(tx: &mut TenantTx, contact: ContactId) -> Result<Vec<ConversationId>, InboxError> {
    let tenant = tx.tenant();
    let conversations: Vec<ConversationId> =
        sqlx::query_scalar("SELECT id FROM chat_conversations WHERE tenant_id = $1 AND contact_id = $2 ORDER BY id FOR UPDATE")
            .bind(tenant)
            .bind(contact)
            .fetch_all(&mut **tx)
            .await?;
    super::lock(tx, contact).await?;
    let named: Vec<String> = conversations.iter().map(ToString::to_string).chain([contact.to_string()]).collect();
    forget_answers(tx, &conversations, &named).await?;
    // Work that is still to be done for a conversation that is gone has nobody to do it for.
    sqlx::query(
        "DELETE FROM jobs j WHERE j.tenant_id = $1
           AND EXISTS (SELECT FROM unnest($2::text[]) AS n (name) WHERE position(n.name IN j.payload::text) > 0)",
    )
    .bind(tenant)
    .bind(&named)
    .execute(&mut **tx)
    .await?;
    sqlx::query("DELETE FROM system_events WHERE tenant_id = $1 AND conversation_id = ANY ($2)")
        .bind(tenant)
        .bind(&conversations)
        .execute(&mut **tx)
        .await?;
    // Messages, observations, turns, steps, outbox rows, notes and words go with their conversation.
    sqlx::query("DELETE FROM chat_conversations WHERE tenant_id = $1 AND contact_id = $2")
        .bind(tenant)
        .bind(contact)
        .execute(&mut **tx)
        .await?;
    sqlx::query("DELETE FROM contact_merge_suggestions WHERE tenant_id = $1 AND (contact_id = $2 OR other_id = $2)")
        .bind(tenant)
        .bind(contact)
        .execute(&mut **tx)
        .await?;
    sqlx::query("DELETE FROM contacts WHERE tenant_id = $1 AND id = $2").bind(tenant).bind(contact).execute(&mut **tx).await?;
    Ok(conversations)
}

/// Answers that were kept so that a repeated request gets them again: of `POST /chat`, and of the inbox.
async fn forget_answers(tx: &mut TenantTx, conversations: &[ConversationId], named: &[String]) -> Result<(), sqlx::Error> {
    let tenant = tx.tenant();
    sqlx::query(
        "DELETE FROM chat_requests r USING chat_messages m LEFT JOIN turns t ON t.tenant_id = m.tenant_id AND t.id = m.turn_id
         WHERE r.tenant_id = $1 AND m.tenant_id = $1 AND m.conversation_id = ANY ($2)
           AND (m.provider_message_id = 'event:' || r.event_id
                OR t.origin = 'chat' AND position(btrim(to_json(m.body)::text, '\"') IN r.response::text) > 0)",
    )
    .bind(tenant)
    .bind(conversations)
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "DELETE FROM idempotency_keys k WHERE k.tenant_id = $1
           AND EXISTS (SELECT FROM unnest($2::text[]) AS n (name)
                       WHERE position(n.name IN k.route) > 0 OR position(n.name IN k.response_body::text) > 0)",
    )
    .bind(tenant)
    .bind(named)
    .execute(&mut **tx)
    .await
    .map(drop)
}
