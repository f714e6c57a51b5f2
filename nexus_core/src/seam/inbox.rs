//! Records what arrived: contact, conversation, message, control, turn. Set-based, so a batch costs a handful of
//! queries; idempotent, so a batch may be recorded again after a crash.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::ids::{ChannelId, ContactId, ConversationId, MessageId, TenantId};
use crate::seam::control::{self, TakeoverCause};
use crate::seam::identity::{self, Identifiers, Sought};
use crate::seam::survey;
use crate::seam::turns::{self, BurstDefaults, DueTurn};
use crate::text;

/// WhatsApp allows free-form messages for this long after the contact's last message.
const SERVICE_WINDOW: TimeDelta = TimeDelta::hours(24);
const PREVIEW_CHARS: usize = 200;

/// Who wrote it, and what follows from that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The contact, with something that deserves an answer.
    Contact,
    /// The contact, with something that does not: a reaction, a group message, a system notice.
    ContactQuietly,
    /// A person of the business, from the phone. Takes the conversation over.
    Phone,
    /// A person of the business, from the provider's own inbox. Takes the conversation over.
    ProviderInbox,
    /// The business, through another program: a campaign. Stored only.
    Campaign,
}

impl Origin {
    const fn is_inbound(self) -> bool {
        matches!(self, Self::Contact | Self::ContactQuietly)
    }

    const fn takes_over(self) -> bool {
        matches!(self, Self::Phone | Self::ProviderInbox)
    }

    const fn direction(self) -> &'static str {
        if self.is_inbound() { "inbound" } else { "outbound" }
    }

    const fn author(self) -> &'static str {
        match self {
            Self::Contact | Self::ContactQuietly => "contact",
            Self::Phone => "phone",
            Self::ProviderInbox => "provider_inbox",
            Self::Campaign => "system",
        }
    }
}

/// One message that arrived on a channel.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Whose channel.
    pub tenant: TenantId,
    /// On which channel.
    pub channel: ChannelId,
    /// Who wrote it.
    pub origin: Origin,
    /// The contact's identifiers; never empty.
    pub contact: Identifiers,
    /// The contact's profile name.
    pub name: Option<String>,
    /// WhatsApp's id: a second arrival with the same one is dropped.
    pub provider_message_id: String,
    /// The provider's own id.
    pub provider_ref: Option<String>,
    /// WhatsApp's id of the quoted message, which we may never have seen.
    pub reply_to: Option<String>,
    /// The provider's message type.
    pub kind: String,
    /// One line that stands for it.
    pub body: String,
    /// The provider's content object.
    pub content: Value,
    /// The provider's time.
    pub sent_at: DateTime<Utc>,
}

/// What a batch came to.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// Messages that were not there before, as (arrival index, conversation, message).
    pub new: Vec<(usize, ConversationId, MessageId)>,
    /// Whether a turn was scheduled.
    pub turns_scheduled: bool,
}

/// What of a conversation decides what happens to an arrival. Its row stays locked until the transaction ends.
#[derive(sqlx::FromRow)]
struct Conversation {
    tenant_id: TenantId,
    id: ConversationId,
    channel_id: ChannelId,
    contact_id: ContactId,
    handled_by: String,
    is_resume_due: bool,
    inbound_seq: i64,
    is_muted: bool,
    survey_id: Option<Uuid>,
}

type ConversationKey = (TenantId, ChannelId, ContactId);
type MessageKey = (TenantId, ChannelId, String);

/// What one batch does to one conversation.
struct Change {
    conversation: Conversation,
    first_seq: i64,
    seq: i64,
    inbound: i32,
    window_ends_at: Option<DateTime<Utc>>,
    last_at: DateTime<Utc>,
    preview: String,
    is_taken_over: bool,
}

/// Records arrivals in the order given. Duplicates, inside the batch or of earlier ones, are dropped.
pub async fn record(conn: &mut PgConnection, arrivals: &[Arrival], burst: BurstDefaults) -> Result<Recorded, sqlx::Error> {
    if arrivals.is_empty() {
        return Ok(Recorded::default());
    }
    let sought: Vec<Sought<'_>> = arrivals.iter().map(sought).collect();
    let contacts = identity::resolve(conn, &sought).await?;
    let keys: Vec<ConversationKey> =
        arrivals.iter().zip(&contacts).map(|(arrival, contact)| (arrival.tenant, arrival.channel, *contact)).collect();
    let mut changes = lock_conversations(conn, &keys).await?;
    let mut seen = existing_messages(conn, arrivals).await?;
    let asked = changes.values().filter_map(|change| Some((change.conversation.tenant_id, change.conversation.survey_id?)));
    let mut surveys = survey::open(conn, asked).await?;

    let mut recorded = Recorded::default();
    let mut rows = MessageRows::default();
    for (index, (arrival, key)) in arrivals.iter().zip(&keys).enumerate() {
        let Some(change) = changes.get_mut(key) else { continue };
        if !seen.insert((arrival.tenant, arrival.channel, arrival.provider_message_id.clone())) {
            continue;
        }
        let message = MessageId::new();
        let is_verdict = surveys.get_mut(&change.conversation.id).is_some_and(|survey| survey.hears(arrival));
        let seq = if is_verdict { change.apply_verdict(arrival) } else { change.apply(arrival) };
        recorded.new.push((index, change.conversation.id, message));
        rows.push(arrival, change.conversation.id, message, seq);
    }
    rows.insert(conn).await?;
    let touched: Vec<Change> = changes.into_values().filter(Change::is_real).collect();
    update_conversations(conn, &touched).await?;
    survey::keep(conn, surveys.into_values()).await?;
    recorded.turns_scheduled = follow_up(conn, &touched, burst).await?;
    Ok(recorded)
}

/// The conversation of a contact, locked; made if it is the first contact. For what the business starts itself.
pub async fn open_conversation(
    conn: &mut PgConnection,
    tenant: TenantId,
    channel: ChannelId,
    contact: &Identifiers,
) -> Result<ConversationId, sqlx::Error> {
    let contacts = identity::resolve(conn, &[Sought { tenant, channel, identifiers: contact, name: None }]).await?;
    let keys: Vec<ConversationKey> = contacts.into_iter().map(|contact| (tenant, channel, contact)).collect();
    let changes = lock_conversations(conn, &keys).await?;
    changes.into_values().next().map(|change| change.conversation.id).ok_or(sqlx::Error::RowNotFound)
}

fn sought(arrival: &Arrival) -> Sought<'_> {
    // A message of the business carries the business' own profile, if any.
    let name = arrival.name.as_deref().filter(|_| arrival.origin.is_inbound());
    Sought { tenant: arrival.tenant, channel: arrival.channel, identifiers: &arrival.contact, name }
}

impl Change {
    fn new(conversation: Conversation) -> Self {
        Self {
            first_seq: conversation.inbound_seq,
            seq: conversation.inbound_seq,
            inbound: 0,
            window_ends_at: None,
            last_at: DateTime::<Utc>::MIN_UTC,
            preview: String::new(),
            is_taken_over: false,
            conversation,
        }
    }

    /// Counts one new message and returns its place among those that deserve an answer.
    fn apply(&mut self, arrival: &Arrival) -> Option<i64> {
        if arrival.sent_at >= self.last_at {
            self.last_at = arrival.sent_at;
            self.preview = text::truncated(&arrival.body, PREVIEW_CHARS).to_owned();
        }
        self.is_taken_over |= arrival.origin.takes_over();
        if arrival.origin.is_inbound() {
            self.inbound += 1;
        }
        if arrival.origin != Origin::Contact {
            return None;
        }
        self.window_ends_at = self.window_ends_at.max(Some(arrival.sent_at + SERVICE_WINDOW));
        self.seq += 1;
        Some(self.seq)
    }

    /// The answer to the question how it was: it opens the service window and nothing else.
    fn apply_verdict(&mut self, arrival: &Arrival) -> Option<i64> {
        self.last_at = self.last_at.max(arrival.sent_at);
        if arrival.sent_at >= self.last_at {
            self.preview = text::truncated(&arrival.body, PREVIEW_CHARS).to_owned();
        }
        self.window_ends_at = self.window_ends_at.max(Some(arrival.sent_at + SERVICE_WINDOW));
        None
    }

    fn is_real(&self) -> bool {
        self.last_at > DateTime::<Utc>::MIN_UTC
    }

    fn deserves_turn(&self) -> bool {
        let is_assistants = self.conversation.handled_by == "assistant" || self.conversation.is_resume_due;
        self.seq > self.first_seq && is_assistants && !self.is_taken_over && !self.conversation.is_muted
    }
}

/// Finds or makes the conversations and locks them, always in the order of their ids.
async fn lock_conversations(
    conn: &mut PgConnection,
    keys: &[ConversationKey],
) -> Result<HashMap<ConversationKey, Change>, sqlx::Error> {
    let distinct: HashSet<ConversationKey> = keys.iter().copied().collect();
    let mut found = select_for_update(conn, &distinct).await?;
    let missing: HashSet<ConversationKey> = distinct.into_iter().filter(|key| !found.contains_key(key)).collect();
    if !missing.is_empty() {
        insert_conversations(conn, &missing).await?;
        found.extend(select_for_update(conn, &missing).await?);
    }
    Ok(found)
}

fn key_columns(keys: &HashSet<ConversationKey>) -> (Vec<TenantId>, Vec<ChannelId>, Vec<ContactId>) {
    let mut sorted: Vec<_> = keys.iter().copied().collect();
    sorted.sort();
    let mut columns = (Vec::new(), Vec::new(), Vec::new());
    for (tenant, channel, contact) in sorted {
        columns.0.push(tenant);
        columns.1.push(channel);
        columns.2.push(contact);
    }
    columns
}

async fn select_for_update(
    conn: &mut PgConnection,
    keys: &HashSet<ConversationKey>,
) -> Result<HashMap<ConversationKey, Change>, sqlx::Error> {
    let (tenants, channels, contacts) = key_columns(keys);
    let rows: Vec<Conversation> = sqlx::query_as(
        "SELECT c.tenant_id, c.id, c.channel_id, c.contact_id, c.handled_by, c.inbound_seq,
                c.handled_by = 'agent' AND c.resume_at <= now() AS is_resume_due,
                p.opted_out_at IS NOT NULL OR p.blocked_at IS NOT NULL AS is_muted,
                CASE WHEN c.survey_expires_at > now() THEN c.survey_id END AS survey_id
         FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS k (tenant_id, channel_id, contact_id)
         JOIN chat_conversations c USING (tenant_id, channel_id, contact_id)
         JOIN contacts p ON p.tenant_id = c.tenant_id AND p.id = c.contact_id
         ORDER BY c.tenant_id, c.id
         FOR UPDATE OF c",
    )
    .bind(tenants)
    .bind(channels)
    .bind(contacts)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| ((row.tenant_id, row.channel_id, row.contact_id), Change::new(row))).collect())
}

async fn insert_conversations(conn: &mut PgConnection, keys: &HashSet<ConversationKey>) -> Result<(), sqlx::Error> {
    let (tenants, channels, contacts) = key_columns(keys);
    let ids: Vec<ConversationId> = tenants.iter().map(|_| ConversationId::new()).collect();
    sqlx::query(
        "INSERT INTO chat_conversations (tenant_id, id, channel_id, contact_id)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) ON CONFLICT DO NOTHING",
    )
    .bind(tenants)
    .bind(ids)
    .bind(channels)
    .bind(contacts)
    .execute(conn)
    .await
    .map(drop)
}

async fn existing_messages(conn: &mut PgConnection, arrivals: &[Arrival]) -> Result<HashSet<MessageKey>, sqlx::Error> {
    let tenants: Vec<TenantId> = arrivals.iter().map(|arrival| arrival.tenant).collect();
    let channels: Vec<ChannelId> = arrivals.iter().map(|arrival| arrival.channel).collect();
    let ids: Vec<&str> = arrivals.iter().map(|arrival| arrival.provider_message_id.as_str()).collect();
    let rows: Vec<MessageKey> = sqlx::query_as(
        "SELECT m.tenant_id, m.channel_id, m.provider_message_id
         FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS k (tenant_id, channel_id, provider_message_id)
         JOIN chat_messages m USING (tenant_id, channel_id, provider_message_id)",
    )
    .bind(tenants)
    .bind(channels)
    .bind(ids)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().collect())
}

/// The columns of the new messages.
#[derive(Default)]
struct MessageRows<'a> {
    tenants: Vec<TenantId>,
    ids: Vec<MessageId>,
    conversations: Vec<ConversationId>,
    channels: Vec<ChannelId>,
    directions: Vec<&'static str>,
    authors: Vec<&'static str>,
    kinds: Vec<&'a str>,
    bodies: Vec<&'a str>,
    contents: Vec<&'a Value>,
    provider_message_ids: Vec<&'a str>,
    provider_refs: Vec<Option<&'a str>>,
    replies: Vec<Option<&'a str>>,
    seqs: Vec<Option<i64>>,
    sent_ats: Vec<DateTime<Utc>>,
}

impl<'a> MessageRows<'a> {
    fn push(&mut self, arrival: &'a Arrival, conversation: ConversationId, id: MessageId, seq: Option<i64>) {
        self.tenants.push(arrival.tenant);
        self.ids.push(id);
        self.conversations.push(conversation);
        self.channels.push(arrival.channel);
        self.directions.push(arrival.origin.direction());
        self.authors.push(arrival.origin.author());
        self.kinds.push(&arrival.kind);
        self.bodies.push(&arrival.body);
        self.contents.push(&arrival.content);
        self.provider_message_ids.push(&arrival.provider_message_id);
        self.provider_refs.push(arrival.provider_ref.as_deref());
        self.replies.push(arrival.reply_to.as_deref());
        self.seqs.push(seq);
        self.sent_ats.push(arrival.sent_at);
    }

    async fn insert(self, conn: &mut PgConnection) -> Result<(), sqlx::Error> {
        if self.ids.is_empty() {
            return Ok(());
        }
        sqlx::query(
            "INSERT INTO chat_messages (tenant_id, id, conversation_id, channel_id, direction, author, kind, body, content,
                                        provider_message_id, provider_ref, reply_to, inbound_seq, sent_at)
             SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
                                  $9::jsonb[], $10::text[], $11::text[], $12::text[], $13::bigint[], $14::timestamptz[])
             ON CONFLICT DO NOTHING",
        )
        .bind(self.tenants)
        .bind(self.ids)
        .bind(self.conversations)
        .bind(self.channels)
        .bind(self.directions)
        .bind(self.authors)
        .bind(self.kinds)
        .bind(self.bodies)
        .bind(self.contents)
        .bind(self.provider_message_ids)
        .bind(self.provider_refs)
        .bind(self.replies)
        .bind(self.seqs)
        .bind(self.sent_ats)
        .execute(conn)
        .await
        .map(drop)
    }
}

async fn update_conversations(conn: &mut PgConnection, changes: &[Change]) -> Result<(), sqlx::Error> {
    if changes.is_empty() {
        return Ok(());
    }
    let tenants: Vec<TenantId> = changes.iter().map(|change| change.conversation.tenant_id).collect();
    let ids: Vec<ConversationId> = changes.iter().map(|change| change.conversation.id).collect();
    let seqs: Vec<i64> = changes.iter().map(|change| change.seq).collect();
    let windows: Vec<Option<DateTime<Utc>>> = changes.iter().map(|change| change.window_ends_at).collect();
    let unread: Vec<i32> = changes.iter().map(|change| change.inbound).collect();
    let last_ats: Vec<DateTime<Utc>> = changes.iter().map(|change| change.last_at).collect();
    let previews: Vec<&str> = changes.iter().map(|change| change.preview.as_str()).collect();
    sqlx::query(
        "UPDATE chat_conversations c SET
             inbound_seq = k.seq,
             service_window_ends_at = greatest(c.service_window_ends_at, k.window_ends_at),
             unread_count = c.unread_count + k.unread,
             status = CASE WHEN k.unread > 0 AND c.status <> 'pending' THEN 'open' ELSE c.status END,
             last_message_preview =
                 CASE WHEN c.last_message_at IS NULL OR k.last_at >= c.last_message_at THEN k.preview ELSE c.last_message_preview END,
             last_message_at = greatest(c.last_message_at, k.last_at),
             revision = c.revision + 1,
             updated_at = now()
         FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::int[], $6::timestamptz[], $7::text[])
              AS k (tenant_id, id, seq, window_ends_at, unread, last_at, preview)
         WHERE c.tenant_id = k.tenant_id AND c.id = k.id",
    )
    .bind(tenants)
    .bind(ids)
    .bind(seqs)
    .bind(windows)
    .bind(unread)
    .bind(last_ats)
    .bind(previews)
    .execute(conn)
    .await
    .map(drop)
}

/// Takeovers, returns to the assistant by silence, and turns. Answers whether a turn was scheduled.
async fn follow_up(conn: &mut PgConnection, changes: &[Change], burst: BurstDefaults) -> Result<bool, sqlx::Error> {
    let named = |change: &Change| (change.conversation.tenant_id, change.conversation.id);
    let taken: Vec<_> = changes.iter().filter(|change| change.is_taken_over).map(named).collect();
    control::take_over(conn, &taken, TakeoverCause::PersonAnswered).await?;
    let is_resumed = |change: &&Change| change.conversation.is_resume_due && !change.is_taken_over && change.inbound > 0;
    let resumed: Vec<_> = changes.iter().filter(is_resumed).map(named).collect();
    control::resume(conn, &resumed).await?;
    let due: Vec<DueTurn> = changes
        .iter()
        .filter(|change| change.deserves_turn())
        .map(|change| DueTurn {
            tenant: change.conversation.tenant_id,
            conversation: change.conversation.id,
            from_seq: change.first_seq,
        })
        .collect();
    turns::schedule(conn, &due, burst).await?;
    Ok(!due.is_empty())
}
