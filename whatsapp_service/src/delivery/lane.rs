//! Lanes: one per conversation with something to send. A worker holds a lane under a lease and sends its first row.

use std::time::Duration;

use chrono::{DateTime, Utc};
use nexus_core::ids::{ChannelId, ConversationId, LeaseToken, MessageId, OutboxId, TenantId};
use nexus_core::message::OutboundContent;
use sqlx::PgConnection;
use sqlx::types::Json;

use super::policy::History;
use crate::providers::ycloud::client::Recipient;

/// A conversation's queue, held by this worker.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Lane {
    /// Whose.
    pub tenant_id: TenantId,
    /// Which conversation.
    pub conversation_id: ConversationId,
    /// Its channel.
    pub channel_id: ChannelId,
    /// The right to it.
    pub lease_token: LeaseToken,
}

/// The first row of a lane, with everything the send decision needs.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Head {
    /// Which row.
    pub id: OutboxId,
    /// The message it sends.
    pub message_id: MessageId,
    content: Json<OutboundContent>,
    /// queued, sending (its worker died) or unknown.
    pub state: String,
    /// Whether the channel is resting after refused credentials.
    pub is_channel_paused: bool,
    /// Whether the assistant spoke under an epoch that has passed.
    pub is_stale: bool,
    /// Whether free-form messages are still allowed.
    pub is_within_service_window: bool,
    /// Whether the contact wants nothing from us.
    pub is_opted_out: bool,
    /// Whether its time has come, by the database's clock.
    pub is_due: bool,
    /// When the last call left.
    pub sending_since: Option<DateTime<Utc>>,
    attempts: i32,
    lookups: i32,
    absences: i32,
    resends: i32,
    phone: Option<String>,
    user_id: Option<String>,
}

impl Head {
    /// What is to be said.
    pub fn content(&self) -> &OutboundContent {
        &self.content.0
    }

    /// How often it has been tried so far.
    pub fn history(&self) -> History {
        History { attempts: self.attempts, look_ups: self.lookups, absences: self.absences, resends: self.resends }
    }

    /// Where it goes: the number if it is known, else the user id.
    pub fn recipient(&self) -> Option<Recipient> {
        let phone = self.phone.clone().map(Recipient::Phone);
        phone.or_else(|| self.user_id.clone().map(Recipient::UserId))
    }
}

/// Claims due lanes of any tenant, those of dead workers included. Needs a system transaction.
pub async fn claim(conn: &mut PgConnection, most: i64, lease: Duration) -> Result<Vec<Lane>, sqlx::Error> {
    sqlx::query_as(
        "UPDATE outbox_lanes l SET lease_token = gen_random_uuid(), due_at = now() + $2
         FROM (SELECT tenant_id, conversation_id FROM outbox_lanes WHERE due_at <= now()
               ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED) AS due
         WHERE l.tenant_id = due.tenant_id AND l.conversation_id = due.conversation_id
         RETURNING l.tenant_id, l.conversation_id, l.channel_id, l.lease_token",
    )
    .bind(most)
    .bind(lease)
    .fetch_all(conn)
    .await
}

/// Keeps the lanes of a living worker from being taken over.
pub async fn renew(conn: &mut PgConnection, held: &[LeaseToken], lease: Duration) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE outbox_lanes SET due_at = now() + $2 WHERE lease_token = ANY ($1) AND due_at IS NOT NULL")
        .bind(held)
        .bind(lease)
        .execute(conn)
        .await
        .map(drop)
}

/// When the next lane is due, in seconds from now by the database's clock.
pub async fn next_due(conn: &mut PgConnection) -> Result<Option<f64>, sqlx::Error> {
    sqlx::query_scalar("SELECT extract(epoch FROM min(due_at) - now())::float8 FROM outbox_lanes WHERE due_at IS NOT NULL")
        .fetch_one(conn)
        .await
}

/// Whether this worker still holds the lane; if so nobody can take it until the transaction ends.
pub async fn is_held(conn: &mut PgConnection, lane: &Lane) -> Result<bool, sqlx::Error> {
    let held: Option<i32> = sqlx::query_scalar(
        "SELECT 1 FROM outbox_lanes WHERE tenant_id = $1 AND conversation_id = $2 AND lease_token = $3 FOR UPDATE",
    )
    .bind(lane.tenant_id)
    .bind(lane.conversation_id)
    .bind(lane.lease_token)
    .fetch_optional(conn)
    .await?;
    Ok(held.is_some())
}

/// The first unsettled row of the lane. `window_margin` is how long before its end the service window counts as closed.
pub async fn head(
    conn: &mut PgConnection,
    lane: &Lane,
    window_margin: Duration,
    pause: Duration,
) -> Result<Option<Head>, sqlx::Error> {
    sqlx::query_as(
        "SELECT o.id, o.message_id, o.content, o.state, o.due_at <= now() AS is_due, o.sending_since, o.attempts, o.lookups, o.absences, o.resends,
                coalesce(ch.credentials_refused_at > now() - $4, false) AS is_channel_paused,
                coalesce(o.control_epoch <> c.control_epoch, false) AS is_stale,
                coalesce(c.service_window_ends_at > now() + $3, false) AS is_within_service_window,
                p.opted_out_at IS NOT NULL AS is_opted_out,
                (SELECT i.address FROM contact_identities i WHERE i.tenant_id = c.tenant_id AND i.channel_id = c.channel_id
                     AND i.contact_id = c.contact_id AND i.kind = 'phone' ORDER BY i.created_at DESC LIMIT 1) AS phone,
                (SELECT i.address FROM contact_identities i WHERE i.tenant_id = c.tenant_id AND i.channel_id = c.channel_id
                     AND i.contact_id = c.contact_id AND i.kind = 'user_id' ORDER BY i.created_at DESC LIMIT 1) AS user_id
         FROM outbox o
         JOIN chat_conversations c ON c.tenant_id = o.tenant_id AND c.id = o.conversation_id
         JOIN contacts p ON p.tenant_id = c.tenant_id AND p.id = c.contact_id
         JOIN channels ch ON ch.tenant_id = c.tenant_id AND ch.id = c.channel_id
         WHERE o.tenant_id = $1 AND o.conversation_id = $2 AND o.settled_at IS NULL
         ORDER BY o.seq LIMIT 1
         FOR UPDATE OF o",
    )
    .bind(lane.tenant_id)
    .bind(lane.conversation_id)
    .bind(window_margin)
    .bind(pause)
    .fetch_optional(conn)
    .await
}

/// Records, before the call, that the message may be on its way.
pub async fn mark_sending(conn: &mut PgConnection, lane: &Lane, head: &Head) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE outbox SET state = 'sending', attempts = attempts + 1, sending_since = now(), lookups = 0, absences = 0
         WHERE tenant_id = $1 AND id = $2",
    )
    .bind(lane.tenant_id)
    .bind(head.id)
    .execute(conn)
    .await
    .map(drop)
}

/// Lets go of the lane. It is due again after `pause`, or when its first row says so, or not at all when it is empty.
///
/// The row lock comes first and the look at the outbox second: a message that was queued in between is seen.
pub async fn release(conn: &mut PgConnection, lane: &Lane, pause: Duration) -> Result<(), sqlx::Error> {
    if !is_held(conn, lane).await? {
        return Ok(());
    }
    sqlx::query(
        "UPDATE outbox_lanes l SET lease_token = NULL,
             due_at = (SELECT greatest(o.due_at, now() + $4) FROM outbox o
                       WHERE o.tenant_id = l.tenant_id AND o.conversation_id = l.conversation_id AND o.settled_at IS NULL
                       ORDER BY o.seq LIMIT 1)
         WHERE l.tenant_id = $1 AND l.conversation_id = $2 AND l.lease_token = $3",
    )
    .bind(lane.tenant_id)
    .bind(lane.conversation_id)
    .bind(lane.lease_token)
    .bind(pause)
    .execute(conn)
    .await
    .map(drop)
}
