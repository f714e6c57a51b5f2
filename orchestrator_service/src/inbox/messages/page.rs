//! The thread in pages, both ways. The order is that of the sender's time; equal times are told apart by id, so no page
//! leaves a message out or shows it twice.

use chrono::{DateTime, Utc};
use nexus_core::ids::{ConversationId, MessageId};
use nexus_core::tenancy::TenantTx;
use uuid::Uuid;

use super::view::{MessageRow, message_rows};
use crate::inbox::{InboxError, conversations};

/// Where a message stands in its thread.
pub type Key = (DateTime<Utc>, Uuid);

/// Which part of the thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The end.
    Newest,
    /// What comes before a message.
    Before(Key),
    /// What comes after a message.
    After(Key),
    /// A message in the middle of what surrounds it.
    Around(MessageId),
}

/// Part of a thread, oldest first.
#[derive(Clone, Debug)]
pub struct ThreadPage {
    /// The messages.
    pub rows: Vec<MessageRow>,
    /// Whether there are older ones.
    pub has_older: bool,
    /// Whether there are newer ones.
    pub has_newer: bool,
}

impl MessageRow {
    /// Where it stands in its thread.
    #[must_use]
    pub fn key(&self) -> Key {
        (self.sent_at, self.id.0)
    }
}

/// Up to `most` messages.
pub async fn page(tx: &mut TenantTx, conversation: ConversationId, part: Part, most: usize) -> Result<ThreadPage, InboxError> {
    conversations::revision(tx, conversation).await?;
    match part {
        Part::Newest => {
            let (rows, has_older) = older(tx, conversation, None, most).await?;
            Ok(ThreadPage { rows, has_older, has_newer: false })
        }
        Part::Before(key) => {
            let (rows, has_older) = older(tx, conversation, Some(key), most).await?;
            Ok(ThreadPage { rows, has_older, has_newer: true })
        }
        Part::After(key) => {
            let (rows, has_newer) = newer(tx, conversation, key, most).await?;
            Ok(ThreadPage { rows, has_older: true, has_newer })
        }
        Part::Around(message) => {
            let middle = super::get::row(tx, conversation, message).await?;
            let (mut rows, has_older) = older(tx, conversation, Some(middle.key()), most / 2).await?;
            let (after, has_newer) = newer(tx, conversation, middle.key(), most / 2).await?;
            rows.push(middle);
            rows.extend(after);
            Ok(ThreadPage { rows, has_older, has_newer })
        }
    }
}

async fn older(
    tx: &mut TenantTx,
    conversation: ConversationId,
    before: Option<Key>,
    most: usize,
) -> Result<(Vec<MessageRow>, bool), sqlx::Error> {
    let tenant = tx.tenant();
    let (at, id) = before.unwrap_or((far_future(), Uuid::max()));
    let mut rows: Vec<MessageRow> = sqlx::query_as(message_rows!(
        "WHERE m.tenant_id = $1 AND m.conversation_id = $2 AND (m.sent_at, m.id) < ($3, $4)
         ORDER BY m.sent_at DESC, m.id DESC LIMIT $5"
    ))
    .bind(tenant)
    .bind(conversation)
    .bind(at)
    .bind(id)
    .bind(one_more(most))
    .fetch_all(&mut **tx)
    .await?;
    let has_more = rows.len() > most;
    rows.truncate(most);
    rows.reverse();
    Ok((rows, has_more))
}

async fn newer(
    tx: &mut TenantTx,
    conversation: ConversationId,
    after: Key,
    most: usize,
) -> Result<(Vec<MessageRow>, bool), sqlx::Error> {
    let tenant = tx.tenant();
    let mut rows: Vec<MessageRow> = sqlx::query_as(message_rows!(
        "WHERE m.tenant_id = $1 AND m.conversation_id = $2 AND (m.sent_at, m.id) > ($3, $4)
         ORDER BY m.sent_at, m.id LIMIT $5"
    ))
    .bind(tenant)
    .bind(conversation)
    .bind(after.0)
    .bind(after.1)
    .bind(one_more(most))
    .fetch_all(&mut **tx)
    .await?;
    let has_more = rows.len() > most;
    rows.truncate(most);
    Ok((rows, has_more))
}

fn one_more(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::from(i32::MAX)) + 1
}

/// Later than any message, and still a time that Postgres can hold.
fn far_future() -> DateTime<Utc> {
    DateTime::from_timestamp(253_402_300_799, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
