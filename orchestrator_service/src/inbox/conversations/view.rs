//! A conversation as it is shown: the row of the list and the head of the thread.

use chrono::{DateTime, Utc};
use nexus_core::ids::{ChannelId, ContactId, ConversationId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Where a conversation stands. One that slept long enough is open again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Status {
    /// Something may have to be done.
    Open,
    /// Waits for the contact.
    Pending,
    /// Done.
    Resolved,
    /// Comes back later.
    Snoozed,
}

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Handler {
    /// The assistant.
    Assistant,
    /// A person.
    Agent,
}

/// How urgent it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Priority {
    /// It can wait.
    Low,
    /// As usual.
    Normal,
    /// Before the usual.
    High,
    /// Now.
    Urgent,
}

/// What may be done with a conversation as it stands; whether the caller may is a matter of permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Take it over from the assistant.
    TakeOver,
    /// Give it back to the assistant.
    Return,
    /// Send free text.
    SendText,
    /// Send an approved template.
    SendTemplate,
    /// Mark it as done.
    Resolve,
    /// Open it again.
    Reopen,
    /// Let it come back later.
    Snooze,
    /// Give it to somebody.
    Assign,
    /// Change its labels.
    Label,
    /// Write a note.
    Note,
}

/// The person at the other end.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct ContactBrief {
    /// Which contact.
    #[sqlx(rename = "contact_id")]
    #[schema(value_type = Uuid)]
    pub id: ContactId,
    /// What they are called; possibly empty.
    #[sqlx(rename = "contact_name")]
    pub name: String,
    /// E.164, as the provider writes it.
    #[sqlx(rename = "contact_phone")]
    pub phone: Option<String>,
    /// Since when they do not want messages.
    pub opted_out_at: Option<DateTime<Utc>>,
    /// Since when they are blocked.
    pub blocked_at: Option<DateTime<Utc>>,
}

/// The number it goes over.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct ChannelBrief {
    /// Which channel.
    #[sqlx(rename = "channel_id")]
    #[schema(value_type = Uuid)]
    pub id: ChannelId,
    /// What it is called.
    #[sqlx(rename = "channel_name")]
    pub name: String,
    /// Its number.
    #[sqlx(rename = "channel_phone")]
    pub phone: String,
    /// Through whom.
    pub provider: String,
}

/// The newest message in one line.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct LastMessage {
    /// When.
    #[sqlx(rename = "last_message_at")]
    pub at: Option<DateTime<Utc>>,
    /// Its beginning.
    #[sqlx(rename = "last_message_preview")]
    pub preview: String,
    /// contact, assistant, agent, phone, provider_inbox or system.
    #[sqlx(rename = "last_author")]
    pub author: Option<String>,
    /// Which agent.
    #[sqlx(rename = "last_author_user_id")]
    pub author_user_id: Option<Uuid>,
    /// text, image, audio, …
    #[sqlx(rename = "last_kind")]
    pub kind: Option<String>,
    /// How far an outbound one has come.
    #[sqlx(rename = "last_status")]
    pub status: Option<String>,
}

/// How the current case stands, or the last one.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct CaseBrief {
    /// Since when the contact waited for a person.
    #[sqlx(rename = "case_started_at")]
    pub started_at: Option<DateTime<Utc>>,
    /// When a person answered.
    #[sqlx(rename = "case_answered_at")]
    pub answered_at: Option<DateTime<Utc>>,
    /// When it was resolved or returned; null while it is open.
    #[sqlx(rename = "case_ended_at")]
    pub ended_at: Option<DateTime<Utc>>,
    /// By when a person must have answered; null without a target.
    pub first_response_due_at: Option<DateTime<Utc>>,
    /// By when it must be resolved; null without a target.
    pub resolution_due_at: Option<DateTime<Utc>>,
    /// Since when the first answer was late.
    pub first_response_breached_at: Option<DateTime<Utc>>,
    /// Since when the resolution was late.
    pub resolution_breached_at: Option<DateTime<Utc>>,
}

/// One conversation.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct Conversation {
    /// Which.
    #[schema(value_type = Uuid)]
    pub id: ConversationId,
    /// With whom.
    #[sqlx(flatten)]
    pub contact: ContactBrief,
    /// Over which number.
    #[sqlx(flatten)]
    pub channel: ChannelBrief,
    /// The newest message.
    #[sqlx(flatten)]
    pub last_message: LastMessage,
    /// Where it stands.
    pub status: Status,
    /// Who answers.
    pub handled_by: Handler,
    /// When the assistant answers again by itself.
    #[sqlx(rename = "resume_at")]
    pub auto_return_at: Option<DateTime<Utc>>,
    /// Whose it is.
    pub assigned_user_id: Option<Uuid>,
    /// Which team's it is.
    pub team_id: Option<Uuid>,
    /// How urgent it is.
    pub priority: Priority,
    /// Names of labels.
    pub labels: Vec<String>,
    /// When free text stops being allowed; null where there is no such limit or the contact never wrote.
    pub window_ends_at: Option<DateTime<Utc>>,
    /// Whether free text may be sent now.
    pub can_send_free_text: bool,
    /// Inbound messages nobody has read.
    pub unread_count: i32,
    /// Since when the contact waits for a person.
    pub waiting_since: Option<DateTime<Utc>>,
    /// When it comes back.
    pub snoozed_until: Option<DateTime<Utc>>,
    /// When a person first answered.
    pub first_response_at: Option<DateTime<Utc>>,
    /// By when it is due, and what was missed.
    #[sqlx(flatten)]
    pub service_level: CaseBrief,
    /// What the contact last said about how they were served, 1 to 5.
    pub satisfaction_score: Option<i16>,
    /// Whether it is an older thread with the same contact on the same channel.
    pub is_secondary: bool,
    /// Raised by every change.
    pub revision: i64,
    /// What may be done now.
    #[sqlx(skip)]
    pub allowed_actions: Vec<Action>,
}

impl Conversation {
    /// The same with what may be done now.
    #[must_use]
    pub fn with_actions(mut self) -> Self {
        let is_muted = self.contact.opted_out_at.is_some() || self.contact.blocked_at.is_some();
        let mut actions = vec![Action::Assign, Action::Label, Action::Note];
        actions.push(if self.handled_by == Handler::Agent { Action::Return } else { Action::TakeOver });
        actions.push(if self.status == Status::Resolved { Action::Reopen } else { Action::Resolve });
        if self.status != Status::Resolved {
            actions.push(Action::Snooze);
        }
        if !is_muted {
            actions.push(if self.can_send_free_text { Action::SendText } else { Action::SendTemplate });
        }
        self.allowed_actions = actions;
        self
    }
}

/// The columns of [`Conversation`] from `c`, one or more rows of `chat_conversations`.
macro_rules! conversation_rows {
    ($from:expr, $tail:expr) => {
        concat!(
            "SELECT c.id, c.contact_id, coalesce(p.custom_name, p.display_name) AS contact_name, i.address AS contact_phone,
                    p.opted_out_at, p.blocked_at,
                    c.channel_id, h.display_name AS channel_name, h.phone_number AS channel_phone, h.provider,
                    c.last_message_at, c.last_message_preview, l.author AS last_author, l.author_user_id AS last_author_user_id,
                    l.kind AS last_kind, l.status::text AS last_status,
                    CASE WHEN c.status = 'snoozed' AND c.snoozed_until <= now() THEN 'open' ELSE c.status END AS status,
                    c.handled_by, c.resume_at, c.assigned_user_id, c.team_id, c.priority, c.labels,
                    CASE WHEN h.provider <> 'evolution' THEN c.service_window_ends_at END AS window_ends_at,
                    (h.provider = 'evolution' OR coalesce(c.service_window_ends_at > now(), false))
                        AND p.opted_out_at IS NULL AND p.blocked_at IS NULL AS can_send_free_text,
                    c.unread_count, c.waiting_since, c.snoozed_until, c.first_response_at, c.is_secondary, c.revision,
                    c.case_started_at, c.case_answered_at, c.case_ended_at, c.first_response_due_at, c.resolution_due_at,
                    c.first_response_breached_at, c.resolution_breached_at, c.satisfaction_score
             FROM ",
            $from,
            " JOIN channels h ON h.tenant_id = c.tenant_id AND h.id = c.channel_id
             JOIN contacts p ON p.tenant_id = c.tenant_id AND p.id = c.contact_id
             LEFT JOIN LATERAL (
                 SELECT i.address FROM contact_identities i
                 WHERE i.tenant_id = c.tenant_id AND i.contact_id = c.contact_id AND i.kind = 'phone'
                 ORDER BY i.channel_id = c.channel_id DESC LIMIT 1
             ) i ON true
             LEFT JOIN LATERAL (
                 SELECT m.author, m.author_user_id, m.kind, m.status FROM chat_messages m
                 WHERE m.tenant_id = c.tenant_id AND m.conversation_id = c.id
                 ORDER BY m.sent_at DESC, m.id DESC LIMIT 1
             ) l ON true ",
            $tail
        )
    };
}
pub(super) use conversation_rows;
