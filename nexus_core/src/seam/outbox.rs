//! Puts outbound messages into the outbox. Claiming and sending them is the edge's business.

use sqlx::PgConnection;

use crate::ids::{ChannelId, ConversationId, MessageId, OutboxId, TenantId, TurnId};
use crate::message::OutboundContent;
use crate::text;

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// The assistant, under the control epoch of its turn: refused once control has changed hands.
    Assistant {
        /// The turn that speaks.
        turn: TurnId,
        /// The epoch it speaks under.
        control_epoch: i64,
    },
    /// A person, or a program on a person's behalf.
    Agent,
    /// The business itself, by a rule of its own. Nobody has answered by it.
    System,
}

/// The thread a message goes to. The caller holds the lock on its conversation row.
#[derive(Clone, Copy, Debug)]
pub struct Thread {
    /// Whose.
    pub tenant: TenantId,
    /// Which conversation.
    pub conversation: ConversationId,
    /// Its channel.
    pub channel: ChannelId,
}

/// Stores the messages, queues them in order behind whatever waits, and makes the lane due.
pub async fn enqueue(
    conn: &mut PgConnection,
    thread: Thread,
    author: Author,
    contents: &[OutboundContent],
) -> Result<Vec<MessageId>, sqlx::Error> {
    let messages = store_messages(conn, thread, author, contents, Some("queued")).await?;
    let last_seq: i64 = sqlx::query_scalar(
        "UPDATE chat_conversations SET outbox_seq = outbox_seq + $3 WHERE tenant_id = $1 AND id = $2 RETURNING outbox_seq",
    )
    .bind(thread.tenant)
    .bind(thread.conversation)
    .bind(i64::try_from(contents.len()).unwrap_or(0))
    .fetch_one(&mut *conn)
    .await?;
    let epoch = match author {
        Author::Assistant { control_epoch, .. } => Some(control_epoch),
        Author::Agent | Author::System => None,
    };
    for (back, (message, content)) in messages.iter().zip(contents).rev().enumerate() {
        sqlx::query(
            "INSERT INTO outbox (tenant_id, id, conversation_id, channel_id, message_id, seq, control_epoch, content)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(thread.tenant)
        .bind(OutboxId::new())
        .bind(thread.conversation)
        .bind(thread.channel)
        .bind(message)
        .bind(last_seq - i64::try_from(back).unwrap_or(0))
        .bind(epoch)
        .bind(sqlx::types::Json(content))
        .execute(&mut *conn)
        .await?;
    }
    make_lane_due(conn, thread).await?;
    Ok(messages)
}

/// Stores outbound messages without sending them: for `POST /chat`, whose caller delivers.
pub async fn store_delegated(
    conn: &mut PgConnection,
    thread: Thread,
    author: Author,
    contents: &[OutboundContent],
) -> Result<Vec<MessageId>, sqlx::Error> {
    store_messages(conn, thread, author, contents, None).await
}

async fn store_messages(
    conn: &mut PgConnection,
    thread: Thread,
    author: Author,
    contents: &[OutboundContent],
    status: Option<&str>,
) -> Result<Vec<MessageId>, sqlx::Error> {
    let (author_name, turn) = match author {
        Author::Assistant { turn, .. } => ("assistant", Some(turn)),
        Author::Agent => ("agent", None),
        Author::System => ("system", None),
    };
    let mut messages = Vec::with_capacity(contents.len());
    for content in contents {
        let id = MessageId::new();
        // clock_timestamp, not now(): bubbles of one transaction keep their order.
        sqlx::query(
            "INSERT INTO chat_messages (tenant_id, id, conversation_id, channel_id, direction, author, kind, body, content,
                                        turn_id, sent_at, status, status_at)
             VALUES ($1, $2, $3, $4, 'outbound', $5, $6, $7, $8, $9, clock_timestamp(), $10::message_status, now())",
        )
        .bind(thread.tenant)
        .bind(id)
        .bind(thread.conversation)
        .bind(thread.channel)
        .bind(author_name)
        .bind(content.kind())
        .bind(text::without_nul(content.body()))
        .bind(text::json_without_nul(serde_json::to_value(content).unwrap_or_default()))
        .bind(turn)
        .bind(status)
        .execute(&mut *conn)
        .await?;
        messages.push(id);
    }
    if let Some(last) = contents.last() {
        sqlx::query(
            "UPDATE chat_conversations
             SET last_message_at = now(), last_message_preview = $3, revision = revision + 1, updated_at = now()
             WHERE tenant_id = $1 AND id = $2",
        )
        .bind(thread.tenant)
        .bind(thread.conversation)
        .bind(text::truncated(&text::without_nul(last.body()), 200))
        .execute(conn)
        .await?;
    }
    Ok(messages)
}

/// Lets a worker look at the lane now. A lane that is held stays held: its worker looks again before it lets go.
async fn make_lane_due(conn: &mut PgConnection, thread: Thread) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO outbox_lanes (tenant_id, conversation_id, channel_id, due_at) VALUES ($1, $2, $3, now())
         ON CONFLICT (tenant_id, conversation_id) DO UPDATE
         SET due_at = least(coalesce(outbox_lanes.due_at, now()), now())
         WHERE outbox_lanes.lease_token IS NULL",
    )
    .bind(thread.tenant)
    .bind(thread.conversation)
    .bind(thread.channel)
    .execute(conn)
    .await
    .map(drop)
}
