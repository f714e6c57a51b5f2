//! Channels in Postgres, within a tenant's transaction.

use chrono::{DateTime, Utc};
use nexus_core::ids::ChannelId;
use nexus_core::phone::PhoneNumber;
use nexus_core::tenancy::TenantTx;
use rand::Rng as _;
use uuid::Uuid;

use crate::integrations::IntegrationState;
use crate::integrations::probe::Tested;

/// One channel with what is known of its health.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Channel {
    /// Which.
    pub id: ChannelId,
    /// Through whom.
    pub provider: String,
    /// E.164.
    pub phone_number: String,
    /// What the business calls it.
    pub display_name: String,
    /// Who answers on it.
    pub assistant_id: Option<Uuid>,
    /// Whether the assistant's typing marks messages as read.
    pub marks_read: bool,
    /// The last segment of its own webhook URL.
    pub webhook_key: String,
    /// The end of its own key, if it has one.
    pub key_mask: Option<String>,
    /// Whether it has a webhook secret of its own.
    pub has_webhook_secret: bool,
    /// Since when the provider refuses the key.
    pub credentials_refused_at: Option<DateTime<Utc>>,
    /// How the provider was found when last asked.
    pub state: IntegrationState,
    /// A finding as JSON.
    pub state_detail: String,
    /// When the provider was last asked.
    pub checked_at: Option<DateTime<Utc>>,
    /// The provider's own word, e.g. `GREEN`.
    pub quality: Option<String>,
    /// The endpoint at the provider that we made.
    pub webhook_id: Option<String>,
    /// Whether the provider calls us: `unknown`, `active`, `pending`, `disabled`, `missing`.
    pub webhook_state: String,
    /// The last message from a customer, among the newest conversations.
    pub last_inbound_at: Option<DateTime<Utc>>,
    /// The last message to a customer, among the newest conversations.
    pub last_outbound_at: Option<DateTime<Utc>>,
    /// Which version of it this is.
    pub revision: i64,
    /// Since when it is here.
    pub created_at: DateTime<Utc>,
}

/// The channels that are connected, or one of them.
pub async fn find(tx: &mut TenantTx, channel: Option<ChannelId>) -> Result<Vec<Channel>, sqlx::Error> {
    sqlx::query_as(
        "SELECT c.id, c.provider, c.phone_number, c.display_name, c.assistant_id, c.marks_read, c.webhook_key,
                k.mask AS key_mask, s.id IS NOT NULL AS has_webhook_secret, c.credentials_refused_at, c.state, c.state_detail,
                c.checked_at, c.quality, c.webhook_id, c.webhook_state, m.last_inbound_at, m.last_outbound_at, c.revision, c.created_at
         FROM channels c
         LEFT JOIN credentials k ON k.tenant_id = c.tenant_id AND k.channel_id = c.id AND k.kind = c.provider || '_api_key'
         LEFT JOIN credentials s ON s.tenant_id = c.tenant_id AND s.channel_id = c.id AND s.kind = c.provider || '_webhook_secret'
         LEFT JOIN LATERAL (
             -- A hundred conversations are enough to find the last message, however many there are.
             SELECT max(i.sent_at) AS last_inbound_at, max(o.sent_at) AS last_outbound_at
             FROM (SELECT id FROM chat_conversations
                   WHERE tenant_id = c.tenant_id AND channel_id = c.id ORDER BY last_message_at DESC, id DESC LIMIT 100) AS n
             LEFT JOIN LATERAL (SELECT sent_at FROM chat_messages
                                WHERE tenant_id = c.tenant_id AND conversation_id = n.id AND direction = 'inbound'
                                ORDER BY sent_at DESC, id DESC LIMIT 1) AS i ON true
             LEFT JOIN LATERAL (SELECT sent_at FROM chat_messages
                                WHERE tenant_id = c.tenant_id AND conversation_id = n.id AND direction = 'outbound'
                                ORDER BY sent_at DESC, id DESC LIMIT 1) AS o ON true
         ) AS m ON true
         WHERE c.tenant_id = $1 AND c.disconnected_at IS NULL AND ($2::uuid IS NULL OR c.id = $2)
         ORDER BY c.created_at, c.id LIMIT 200",
    )
    .bind(tx.tenant())
    .bind(channel)
    .fetch_all(&mut **tx)
    .await
}

/// One channel, kept from being changed by others until the transaction ends.
pub async fn lock(tx: &mut TenantTx, channel: ChannelId) -> Result<Option<Channel>, sqlx::Error> {
    sqlx::query("SELECT id FROM channels WHERE tenant_id = $1 AND id = $2 FOR UPDATE")
        .bind(tx.tenant())
        .bind(channel)
        .execute(&mut **tx)
        .await?;
    Ok(find(tx, Some(channel)).await?.pop())
}

/// What a new channel is made of.
#[derive(Clone, Copy, Debug)]
pub struct NewChannel<'a> {
    /// Its number.
    pub number: &'a PhoneNumber,
    /// What the business calls it.
    pub display_name: &'a str,
    /// Who answers on it.
    pub assistant: Option<Uuid>,
    /// Whether the assistant's typing marks messages as read.
    pub marks_read: bool,
}

/// Connects a number of YCloud. One that the business had before comes back with its conversations.
///
/// The constraint `channels_number_unique` refuses a number that somebody has.
pub async fn connect(tx: &mut TenantTx, new: NewChannel<'_>) -> Result<ChannelId, sqlx::Error> {
    let tenant = tx.tenant();
    let revived: Option<ChannelId> = sqlx::query_scalar(
        "UPDATE channels SET disconnected_at = NULL, display_name = $3, assistant_id = $4, marks_read = $5, webhook_key = $6,
                webhook_id = NULL, webhook_state = 'unknown', state = 'unchecked', state_detail = '', credentials_refused_at = NULL,
                revision = revision + 1, updated_at = now()
         WHERE tenant_id = $1 AND id = (
             SELECT id FROM channels WHERE tenant_id = $1 AND provider = 'ycloud' AND phone_number = $2 AND disconnected_at IS NOT NULL
             ORDER BY disconnected_at DESC LIMIT 1)
         RETURNING id",
    )
    .bind(tenant)
    .bind(new.number.as_str())
    .bind(new.display_name)
    .bind(new.assistant)
    .bind(new.marks_read)
    .bind(new_webhook_key())
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(revived) = revived {
        return Ok(revived);
    }
    sqlx::query_scalar(
        "INSERT INTO channels (tenant_id, id, provider, phone_number, display_name, webhook_key, assistant_id, marks_read)
         VALUES ($1, $2, 'ycloud', $3, $4, $5, $6, $7) RETURNING id",
    )
    .bind(tenant)
    .bind(ChannelId::new())
    .bind(new.number.as_str())
    .bind(new.display_name)
    .bind(new_webhook_key())
    .bind(new.assistant)
    .bind(new.marks_read)
    .fetch_one(&mut **tx)
    .await
}

/// An unguessable last segment for a webhook URL.
#[must_use]
pub fn new_webhook_key() -> String {
    hex::encode(rand::rng().random::<[u8; 16]>())
}

/// Ends a channel. What was said on it stays, its number is free.
pub async fn disconnect(tx: &mut TenantTx, channel: ChannelId) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE channels SET disconnected_at = now(), webhook_id = NULL, webhook_state = 'unknown', revision = revision + 1,
                updated_at = now()
         WHERE tenant_id = $1 AND id = $2 AND disconnected_at IS NULL",
    )
    .bind(tx.tenant())
    .bind(channel)
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Changes what people may change.
pub async fn edit(
    tx: &mut TenantTx,
    channel: ChannelId,
    (display_name, assistant, marks_read): (&str, Option<Uuid>, bool),
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE channels SET display_name = $3, assistant_id = $4, marks_read = $5, revision = revision + 1, updated_at = now()
         WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tx.tenant())
    .bind(channel)
    .bind(display_name)
    .bind(assistant)
    .bind(marks_read)
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Counts as edited, because its secrets were; and whoever was refused may try again.
pub async fn touch(tx: &mut TenantTx, channel: ChannelId) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE channels SET credentials_refused_at = NULL, state = 'unchecked', state_detail = '', revision = revision + 1,
                updated_at = now()
         WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tx.tenant())
    .bind(channel)
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Notes who calls this channel's URL.
pub async fn note_webhook(tx: &mut TenantTx, channel: ChannelId, id: Option<&str>, state: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE channels SET webhook_id = coalesce($3, webhook_id), webhook_state = $4 WHERE tenant_id = $1 AND id = $2")
        .bind(tx.tenant())
        .bind(channel)
        .bind(id)
        .bind(state)
        .execute(&mut **tx)
        .await
        .map(drop)
}

/// What a test of a channel found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The steps.
    pub tested: Tested,
    /// The provider's own word, if the number was found.
    pub quality: Option<String>,
    /// Whether the provider calls us, if that was found out.
    pub webhook_state: Option<&'static str>,
}

/// Notes what a test found, unless the channel has been edited since.
pub async fn report(tx: &mut TenantTx, channel: ChannelId, revision: i64, report: &Report) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE channels SET state = $4, state_detail = $5, checked_at = now(), quality = coalesce($6, quality),
                webhook_state = coalesce($7, webhook_state),
                credentials_refused_at = CASE WHEN $4 = 'working' THEN NULL ELSE credentials_refused_at END
         WHERE tenant_id = $1 AND id = $2 AND revision = $3",
    )
    .bind(tx.tenant())
    .bind(channel)
    .bind(revision)
    .bind(report.tested.state())
    .bind(report.tested.detail())
    .bind(report.quality.as_deref())
    .bind(report.webhook_state)
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// The assistant a new channel gets when nobody names one: the first, which is the only one in most businesses.
pub async fn first_assistant(tx: &mut TenantTx) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar("SELECT id FROM assistants WHERE tenant_id = $1 ORDER BY created_at, id LIMIT 1")
        .bind(tx.tenant())
        .fetch_optional(&mut **tx)
        .await
}

/// Whether the business has this assistant.
pub async fn has_assistant(tx: &mut TenantTx, assistant: Uuid) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM assistants WHERE tenant_id = $1 AND id = $2)")
        .bind(tx.tenant())
        .bind(assistant)
        .fetch_one(&mut **tx)
        .await
}
