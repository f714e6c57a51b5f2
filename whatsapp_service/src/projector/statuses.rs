//! Statuses are observations: each is kept, and the message shows the greatest. They also settle sends whose outcome
//! was unknown, and they reveal messages that somebody else sent from the same number.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use nexus_core::ids::{ChannelId, ConversationId, MessageId, OutboxId, TenantId};
use nexus_core::live::LiveEvent;
use nexus_core::message::MessageStatus;
use nexus_core::seam::inbox::{Arrival, Origin};
use sqlx::PgConnection;
use uuid::Uuid;

/// A status report of a known channel.
#[derive(Clone, Debug)]
pub struct Observation {
    /// The correlation id of the send, if the provider repeats it.
    pub external_id: Option<String>,
    /// What was observed.
    pub status: MessageStatus,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// The code of a failure.
    pub error_code: Option<String>,
    /// The provider's words about a failure.
    pub error_detail: Option<String>,
    /// The message as the provider describes it.
    pub message: Arrival,
}

impl Observation {
    fn outbox_id(&self) -> Option<OutboxId> {
        self.external_id.as_deref().and_then(OutboxId::from_external_id)
    }
}

/// Echoes of our own sends that came before the provider's answer: they complete the message, and nobody takes over.
pub async fn adopt_own_echoes(conn: &mut PgConnection, arrivals: &mut Vec<Arrival>) -> Result<(), sqlx::Error> {
    let mut kept = Vec::with_capacity(arrivals.len());
    for arrival in arrivals.drain(..) {
        if arrival.origin != Origin::Phone || !adopt(conn, &arrival).await? {
            kept.push(arrival);
        }
    }
    *arrivals = kept;
    Ok(())
}

/// Messages nobody here sent, as arrivals to record: a person at the provider's console, or a campaign.
pub async fn foreign_messages(conn: &mut PgConnection, observations: &[Observation]) -> Result<Vec<Arrival>, sqlx::Error> {
    let known = find_messages(conn, observations).await?;
    let mut foreign = Vec::new();
    for (index, observation) in observations.iter().enumerate() {
        if known.contains_key(&index) || adopt(conn, &observation.message).await? {
            continue;
        }
        foreign.push(observation.message.clone());
    }
    Ok(foreign)
}

/// What observations came to.
#[derive(Debug, Default)]
pub struct Observed {
    /// Whether a lane that waited for an outcome may go on.
    pub lanes_woken: bool,
    /// What the screens should hear of.
    pub live: Vec<LiveEvent>,
}

/// Keeps the observations and moves messages and outbox rows forward.
pub async fn observe(conn: &mut PgConnection, observations: &[Observation]) -> Result<Observed, sqlx::Error> {
    if observations.is_empty() {
        return Ok(Observed::default());
    }
    let messages = find_messages(conn, observations).await?;
    let mut found: Vec<(&Observation, MessageId)> =
        messages.into_iter().filter_map(|(index, message)| Some((observations.get(index)?, message))).collect();
    // Always in the same order, so that two batches do not wait for each other.
    found.sort_by_key(|(observation, message)| (observation.message.tenant, *message, observation.status));
    insert_observations(conn, &found).await?;
    update_messages(conn, &found).await?;
    let lanes_woken = settle_outbox(conn, &found).await?;
    let live = greatest_of_each(&found)
        .into_iter()
        .map(|(observation, message)| LiveEvent::message_status(observation.message.tenant, message, observation.status))
        .collect();
    Ok(Observed { lanes_woken, live })
}

/// A message of ours whose call is still under way, or unknown, with the same words in the same conversation.
async fn adopt(conn: &mut PgConnection, arrival: &Arrival) -> Result<bool, sqlx::Error> {
    let phone = arrival.contact.phone.as_ref().map(|phone| phone.matching_key());
    let adopted: Option<MessageId> = sqlx::query_scalar(
        "UPDATE chat_messages m SET provider_message_id = coalesce(m.provider_message_id, $5), provider_ref = coalesce(m.provider_ref, $6)
         WHERE m.tenant_id = $1 AND m.id = (
             SELECT o.message_id FROM contact_identities i
             JOIN chat_conversations c ON c.tenant_id = i.tenant_id AND c.channel_id = i.channel_id AND c.contact_id = i.contact_id
             JOIN outbox o ON o.tenant_id = c.tenant_id AND o.conversation_id = c.id
             WHERE i.tenant_id = $1 AND i.channel_id = $2
               AND ((i.kind = 'phone' AND i.value = $3) OR (i.kind = 'user_id' AND i.value = $4))
               AND o.settled_at IS NULL AND o.state IN ('sending', 'unknown') AND o.content ->> 'body' = $7
             LIMIT 1)
         RETURNING m.id",
    )
    .bind(arrival.tenant)
    .bind(arrival.channel)
    .bind(phone)
    .bind(&arrival.contact.user_id)
    .bind(&arrival.provider_message_id)
    .bind(&arrival.provider_ref)
    .bind(&arrival.body)
    .fetch_optional(conn)
    .await?;
    Ok(adopted.is_some())
}

/// The message of each observation, by its index: by our correlation id first, then by the provider's ids.
async fn find_messages(conn: &mut PgConnection, observations: &[Observation]) -> Result<HashMap<usize, MessageId>, sqlx::Error> {
    let tenants: Vec<TenantId> = observations.iter().map(|observation| observation.message.tenant).collect();
    let channels: Vec<ChannelId> = observations.iter().map(|observation| observation.message.channel).collect();
    let outbox_ids: Vec<Option<OutboxId>> = observations.iter().map(Observation::outbox_id).collect();
    let message_ids: Vec<&str> =
        observations.iter().map(|observation| observation.message.provider_message_id.as_str()).collect();
    let refs: Vec<Option<&str>> = observations.iter().map(|observation| observation.message.provider_ref.as_deref()).collect();
    let rows: Vec<(i64, MessageId)> = sqlx::query_as(
        "SELECT k.position - 1, coalesce(
                    (SELECT o.message_id FROM outbox o WHERE o.tenant_id = k.tenant_id AND o.id = k.outbox_id AND o.channel_id = k.channel_id),
                    (SELECT m.id FROM chat_messages m
                     WHERE m.tenant_id = k.tenant_id AND m.channel_id = k.channel_id AND m.provider_message_id = k.message_id),
                    (SELECT m.id FROM chat_messages m
                     WHERE m.tenant_id = k.tenant_id AND m.channel_id = k.channel_id AND m.provider_ref = k.ref LIMIT 1)) AS message
         FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[]) WITH ORDINALITY
              AS k (tenant_id, channel_id, outbox_id, message_id, ref, position)",
    )
    .bind(tenants)
    .bind(channels)
    .bind(outbox_ids)
    .bind(message_ids)
    .bind(refs)
    .fetch_all(conn)
    .await?
    .into_iter()
    .filter_map(|(index, message): (i64, Option<MessageId>)| Some((index, message?)))
    .collect();
    Ok(rows.into_iter().filter_map(|(index, message)| Some((usize::try_from(index).ok()?, message))).collect())
}

async fn insert_observations(conn: &mut PgConnection, found: &[(&Observation, MessageId)]) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO message_status_observations (tenant_id, id, message_id, status, occurred_at, error_code, error_detail)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::message_status[], $5::timestamptz[], $6::text[], $7::text[])",
    )
    .bind(found.iter().map(|(observation, _)| observation.message.tenant).collect::<Vec<_>>())
    .bind(found.iter().map(|_| Uuid::now_v7()).collect::<Vec<_>>())
    .bind(found.iter().map(|(_, message)| *message).collect::<Vec<_>>())
    .bind(found.iter().map(|(observation, _)| observation.status).collect::<Vec<_>>())
    .bind(found.iter().map(|(observation, _)| observation.occurred_at).collect::<Vec<_>>())
    .bind(found.iter().map(|(observation, _)| observation.error_code.as_deref()).collect::<Vec<_>>())
    .bind(found.iter().map(|(observation, _)| observation.error_detail.as_deref()).collect::<Vec<_>>())
    .execute(conn)
    .await
    .map(drop)
}

async fn update_messages(conn: &mut PgConnection, found: &[(&Observation, MessageId)]) -> Result<(), sqlx::Error> {
    let greatest = greatest_of_each(found);
    sqlx::query(
        "UPDATE chat_messages m SET
             status = greatest(m.status, k.status),
             status_at = CASE WHEN m.status IS NULL OR k.status > m.status THEN k.occurred_at ELSE m.status_at END,
             error_code = CASE WHEN greatest(m.status, k.status) = 'failed' THEN coalesce(k.error_code, m.error_code) END,
             error_detail = CASE WHEN greatest(m.status, k.status) = 'failed' THEN coalesce(k.error_detail, m.error_detail) END,
             provider_ref = coalesce(m.provider_ref, k.ref),
             provider_message_id = CASE WHEN m.provider_message_id IS NULL AND k.message_id NOT LIKE 'ycloud:%'
                                        THEN k.message_id ELSE m.provider_message_id END
         FROM unnest($1::uuid[], $2::uuid[], $3::message_status[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[])
              AS k (tenant_id, id, status, occurred_at, error_code, error_detail, ref, message_id)
         WHERE m.tenant_id = k.tenant_id AND m.id = k.id AND m.direction = 'outbound'",
    )
    .bind(greatest.iter().map(|(observation, _)| observation.message.tenant).collect::<Vec<_>>())
    .bind(greatest.iter().map(|(_, message)| *message).collect::<Vec<_>>())
    .bind(greatest.iter().map(|(observation, _)| observation.status).collect::<Vec<_>>())
    .bind(greatest.iter().map(|(observation, _)| observation.occurred_at).collect::<Vec<_>>())
    .bind(greatest.iter().map(|(observation, _)| observation.error_code.as_deref()).collect::<Vec<_>>())
    .bind(greatest.iter().map(|(observation, _)| observation.error_detail.as_deref()).collect::<Vec<_>>())
    .bind(greatest.iter().map(|(observation, _)| observation.message.provider_ref.as_deref()).collect::<Vec<_>>())
    .bind(greatest.iter().map(|(observation, _)| observation.message.provider_message_id.as_str()).collect::<Vec<_>>())
    .execute(conn)
    .await
    .map(drop)
}

/// An UPDATE takes only one of several source rows, so each message gets its greatest observation. `found` is sorted.
fn greatest_of_each<'a>(found: &[(&'a Observation, MessageId)]) -> Vec<(&'a Observation, MessageId)> {
    let mut seen = HashSet::new();
    let mut greatest: Vec<_> = found.iter().rev().filter(|(_, message)| seen.insert(*message)).copied().collect();
    greatest.reverse();
    greatest
}

/// A status proves that the provider took the message, whatever became of our call.
async fn settle_outbox(conn: &mut PgConnection, found: &[(&Observation, MessageId)]) -> Result<bool, sqlx::Error> {
    let greatest = greatest_of_each(found);
    let lanes: Vec<(TenantId, ConversationId)> = sqlx::query_as(
        "UPDATE outbox o SET
             state = CASE WHEN k.status = 'failed' THEN 'failed' ELSE 'sent' END,
             settled_at = coalesce(o.settled_at, now()),
             provider_ref = coalesce(o.provider_ref, k.ref),
             provider_message_id = coalesce(o.provider_message_id, k.message_id),
             error_code = k.error_code, error_detail = k.error_detail
         FROM unnest($1::uuid[], $2::uuid[], $3::message_status[], $4::text[], $5::text[], $6::text[], $7::text[])
              AS k (tenant_id, message, status, ref, message_id, error_code, error_detail)
         WHERE o.tenant_id = k.tenant_id AND o.message_id = k.message
           AND o.attempts > 0 AND o.state IN ('queued', 'sending', 'unknown')
         RETURNING o.tenant_id, o.conversation_id",
    )
    .bind(greatest.iter().map(|(observation, _)| observation.message.tenant).collect::<Vec<_>>())
    .bind(greatest.iter().map(|(_, message)| *message).collect::<Vec<_>>())
    .bind(greatest.iter().map(|(observation, _)| observation.status).collect::<Vec<_>>())
    .bind(greatest.iter().map(|(observation, _)| observation.message.provider_ref.as_deref()).collect::<Vec<_>>())
    .bind(greatest.iter().map(|(observation, _)| observation.message.provider_message_id.as_str()).collect::<Vec<_>>())
    .bind(greatest.iter().map(|(observation, _)| observation.error_code.as_deref()).collect::<Vec<_>>())
    .bind(greatest.iter().map(|(observation, _)| observation.error_detail.as_deref()).collect::<Vec<_>>())
    .fetch_all(&mut *conn)
    .await?;
    if lanes.is_empty() {
        return Ok(false);
    }
    let (tenants, conversations): (Vec<_>, Vec<_>) = lanes.into_iter().unzip();
    sqlx::query(
        "UPDATE outbox_lanes l SET due_at = now() FROM unnest($1::uuid[], $2::uuid[]) AS k (tenant_id, id)
         WHERE l.tenant_id = k.tenant_id AND l.conversation_id = k.id AND l.lease_token IS NULL",
    )
    .bind(tenants)
    .bind(conversations)
    .execute(conn)
    .await?;
    Ok(true)
}
