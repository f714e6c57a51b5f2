//! The lists of the inbox. Each view has its own order and its own index; filters narrow what the index gives.

use chrono::{DateTime, Utc};
use nexus_core::tenancy::TenantTx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::view::{Conversation, conversation_rows};
use crate::inbox::InboxError;
use crate::inbox::search::Words;

/// One list of the inbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// Need a person and nobody has answered yet; the longest wait first.
    #[default]
    Waiting,
    /// Assigned to the caller and not done.
    Mine,
    /// With the agents, assigned to nobody and not done.
    Unassigned,
    /// With the assistant and not done.
    Assistant,
    /// Everything, newest first.
    All,
    /// Done.
    Resolved,
    /// Coming back later; the next one first.
    Snoozed,
}

/// What narrows a list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this channel.
    pub channel: Option<Uuid>,
    /// Only with this label.
    pub label: Option<String>,
    /// Only this person's.
    pub assignee: Option<Uuid>,
    /// Only this team's.
    pub team: Option<Uuid>,
    /// Only unread ones.
    pub is_unread: bool,
    /// Only those whose service window closes within four hours.
    pub is_window_closing: bool,
    /// Only those with a message that failed, or whose outcome is unknown, in the last thirty days.
    pub has_failed_message: bool,
    /// Only those that missed a target.
    pub is_breached: bool,
    /// Only those whose contact last gave this score or less.
    pub most_score: Option<i16>,
    /// Only those whose contact or messages hold all these words.
    pub words: Option<Words>,
}

/// The sort key of a row: the time its view sorts by, and its id.
pub type Key = (DateTime<Utc>, Uuid);

/// The filters as SQL. A word that very many hold finds the youngest twenty thousand of them. $1 tenant, $2 limit, $3 and $4 the key of the row before, $5 the caller, then the filters.
macro_rules! filters {
    () => {
        " AND ($6::uuid IS NULL OR c.channel_id = $6)
          AND ($7::text IS NULL OR c.labels @> ARRAY[$7::text])
          AND ($8::uuid IS NULL OR c.assigned_user_id = $8)
          AND ($9::uuid IS NULL OR c.team_id = $9)
          AND (NOT $10::boolean OR c.unread_count > 0)
          AND (NOT $11::boolean OR (c.service_window_ends_at > now() AND c.service_window_ends_at < now() + interval '4 hours'))
          AND (NOT $12::boolean OR c.id IN (
                  SELECT m.conversation_id FROM chat_messages m
                  WHERE m.tenant_id = $1 AND m.direction = 'outbound' AND m.status IN ('failed', 'unknown')
                    AND m.sent_at > now() - interval '30 days'))
          AND (NOT $15::boolean OR c.first_response_breached_at IS NOT NULL OR c.resolution_breached_at IS NOT NULL)
          AND ($16::smallint IS NULL OR c.satisfaction_score <= $16)
          AND ($13::text[] IS NULL OR c.id IN (
                  SELECT s.conversation_id
                  FROM unnest($13::text[], $14::text[]) AS w (first, beyond)
                  CROSS JOIN LATERAL (
                      SELECT t.conversation_id FROM conversation_terms t
                      WHERE t.tenant_id = $1 AND t.term >= w.first AND t.term < w.beyond
                      ORDER BY t.term DESC, t.conversation_id DESC LIMIT 20000
                  ) s
                  GROUP BY s.conversation_id HAVING count(DISTINCT w.first) = cardinality($13)
                  UNION ALL
                  SELECT v.id FROM chat_conversations v
                  WHERE v.tenant_id = $1 AND v.contact_id IN (
                      SELECT s.contact_id
                      FROM unnest($13::text[], $14::text[]) AS w (first, beyond)
                      CROSS JOIN LATERAL (
                          SELECT t.contact_id FROM contact_terms t
                          WHERE t.tenant_id = $1 AND t.term >= w.first AND t.term < w.beyond
                      ORDER BY t.term DESC, t.contact_id DESC LIMIT 20000
                      ) s
                      GROUP BY s.contact_id HAVING count(DISTINCT w.first) = cardinality($13))))"
    };
}

macro_rules! list {
    ($view:expr, $key:literal, $after:literal, $direction:literal) => {
        conversation_rows!(
            concat!(
                "(SELECT * FROM chat_conversations c WHERE c.tenant_id = $1 AND ",
                $view,
                " AND ($3::timestamptz IS NULL OR (c.",
                $key,
                ", c.id) ",
                $after,
                " ($3, $4::uuid)) AND $5::uuid IS NOT NULL",
                filters!(),
                " ORDER BY c.",
                $key,
                " ",
                $direction,
                ", c.id ",
                $direction,
                " LIMIT $2) c"
            ),
            concat!(" ORDER BY c.", $key, " ", $direction, ", c.id ", $direction)
        )
    };
}

/// Not done, and not asleep any more.
macro_rules! is_open {
    () => {
        " c.status <> 'resolved' AND (c.status <> 'snoozed' OR c.snoozed_until <= now()) "
    };
}
pub(super) use is_open;

impl View {
    const fn sql(self) -> &'static str {
        match self {
            Self::Waiting => list!(concat!("c.waiting_since IS NOT NULL AND", is_open!()), "waiting_since", ">", "ASC"),
            Self::Mine => {
                list!(
                    concat!("c.assigned_user_id = $5 AND c.last_message_at IS NOT NULL AND", is_open!()),
                    "last_message_at",
                    "<",
                    "DESC"
                )
            }
            Self::Unassigned => list!(
                concat!(
                    "c.handled_by = 'agent' AND c.assigned_user_id IS NULL AND c.last_message_at IS NOT NULL AND",
                    is_open!()
                ),
                "last_message_at",
                "<",
                "DESC"
            ),
            Self::Assistant => {
                list!(
                    concat!("c.handled_by = 'assistant' AND c.last_message_at IS NOT NULL AND", is_open!()),
                    "last_message_at",
                    "<",
                    "DESC"
                )
            }
            Self::All => list!("c.last_message_at IS NOT NULL", "last_message_at", "<", "DESC"),
            Self::Resolved => list!("c.status = 'resolved' AND c.last_message_at IS NOT NULL", "last_message_at", "<", "DESC"),
            Self::Snoozed => list!("c.status = 'snoozed' AND c.snoozed_until > now()", "snoozed_until", ">", "ASC"),
        }
    }

    /// The sort key of a row of this view.
    #[must_use]
    pub fn key(self, row: &Conversation) -> Key {
        let at = match self {
            Self::Waiting => row.waiting_since,
            Self::Snoozed => row.snoozed_until,
            _ => row.last_message.at,
        };
        (at.unwrap_or_default(), row.id.0)
    }
}

/// Up to `most` rows after a key. `me` is whose conversations are the caller's; the nil id is nobody.
pub async fn list(
    tx: &mut TenantTx,
    view: View,
    me: Uuid,
    filter: &Filter,
    after: Option<Key>,
    most: i64,
) -> Result<Vec<Conversation>, InboxError> {
    // Which filters are set decides how rows are best found, so each request is planned for itself.
    sqlx::query("SET LOCAL plan_cache_mode = force_custom_plan").execute(&mut **tx).await?;
    let tenant = tx.tenant();
    let rows: Vec<Conversation> = sqlx::query_as(view.sql())
        .bind(tenant)
        .bind(most)
        .bind(after.map(|(at, _)| at))
        .bind(after.map(|(_, id)| id))
        .bind(me)
        .bind(filter.channel)
        .bind(filter.label.as_deref())
        .bind(filter.assignee)
        .bind(filter.team)
        .bind(filter.is_unread)
        .bind(filter.is_window_closing)
        .bind(filter.has_failed_message)
        .bind(filter.words.as_ref().map(|words| &words.from))
        .bind(filter.words.as_ref().map(|words| &words.to))
        .bind(filter.is_breached)
        .bind(filter.most_score)
        .fetch_all(&mut **tx)
        .await?;
    Ok(rows.into_iter().map(Conversation::with_actions).collect())
}
