//! Live events for the screens: published after commit into a capped Redis stream per tenant. Losing Redis costs a
//! refetch, never a message: every conversation carries a revision, by which a client sees a gap.

use chrono::Utc;
use serde_json::{Value, json};

use crate::ids::{ConversationId, MessageId, TenantId};
use crate::message::MessageStatus;
use crate::wake::Redis;

/// About how many events a stream keeps; a client that was away for longer starts afresh.
const KEPT: usize = 10_000;

/// The Redis stream of a tenant's events. Fields of an entry: `type`, `at`, `data`.
#[must_use]
pub fn stream_of(tenant: TenantId) -> String {
    format!("nexus:live:{tenant}")
}

/// Something a screen may show changed.
#[derive(Clone, Debug)]
pub struct LiveEvent {
    /// Whose screens.
    pub tenant: TenantId,
    /// What happened, such as `message.created`.
    pub kind: &'static str,
    /// Ids and small facts; never message text.
    pub data: Value,
}

impl LiveEvent {
    /// Anything about a conversation changed.
    #[must_use]
    pub fn conversation_updated(tenant: TenantId, conversation: ConversationId) -> Self {
        Self { tenant, kind: "conversation.updated", data: json!({ "conversation_id": conversation }) }
    }

    /// A message was stored.
    #[must_use]
    pub fn message_created(tenant: TenantId, conversation: ConversationId, message: MessageId) -> Self {
        Self { tenant, kind: "message.created", data: json!({ "conversation_id": conversation, "message_id": message }) }
    }

    /// A message came further, or failed.
    #[must_use]
    pub fn message_status(tenant: TenantId, message: MessageId, status: MessageStatus) -> Self {
        Self { tenant, kind: "message.status", data: json!({ "message_id": message, "status": status.as_str() }) }
    }
}

/// Publishes events that are committed. One round trip for all of them; never fails and never takes long.
pub async fn publish(redis: &Redis, events: &[LiveEvent]) {
    if events.is_empty() {
        return;
    }
    let published = async {
        let mut connection = redis.connection().await?;
        let mut commands = redis::pipe();
        for event in events {
            commands.cmd("XADD").arg(stream_of(event.tenant)).arg("MAXLEN").arg("~").arg(KEPT).arg("*");
            commands.arg("type").arg(event.kind).arg("at").arg(Utc::now().to_rfc3339());
            commands.arg("data").arg(event.data.to_string()).ignore();
        }
        commands.query_async::<()>(&mut connection).await
    };
    if let Err(error) = published.await {
        tracing::debug!(%error, "redis did not take live events; screens refetch");
    }
}
