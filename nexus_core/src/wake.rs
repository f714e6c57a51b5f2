//! Wake-ups over Redis, so that a worker need not wait for its timer. They may be lost: the timer stays.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use redis::AsyncTypedCommands as _;
use redis::aio::ConnectionManager;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::ids::{ChannelId, TenantId};

/// What a waker says to whoever listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// A turn may be due.
    Turns,
    /// An outbox lane may be due.
    Outbox,
    /// A job may be due.
    Jobs,
    /// The assistant has begun to write; see [`TypingHint`].
    Typing,
}

impl Topic {
    const fn channel(self) -> &'static str {
        match self {
            Self::Turns => "nexus:wake:turns",
            Self::Outbox => "nexus:wake:outbox",
            Self::Jobs => "nexus:wake:jobs",
            Self::Typing => "nexus:hint:typing",
        }
    }
}

/// Asks the edge to show typing dots under a message. Cosmetic, so it may be lost.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TypingHint {
    /// Whose channel.
    pub tenant: TenantId,
    /// Where to show it.
    pub channel: ChannelId,
    /// The provider's id of the newest inbound message.
    pub provider_ref: String,
}

/// Redis as far as both services use it. Every call is best effort.
#[derive(Clone)]
pub struct Redis {
    client: redis::Client,
    /// `None` until Redis has been reached once.
    connection: Arc<tokio::sync::OnceCell<ConnectionManager>>,
}

impl Redis {
    /// Reads `REDIS_URL`; does not connect yet.
    pub fn new(url: &str) -> Result<Self, redis::RedisError> {
        Ok(Self { client: redis::Client::open(url)?, connection: Arc::default() })
    }

    /// A shared connection that repairs itself. Answers within half a second or with an error.
    pub async fn connection(&self) -> Result<ConnectionManager, redis::RedisError> {
        let config = redis::aio::ConnectionManagerConfig::new()
            .set_connection_timeout(Some(Duration::from_millis(500)))
            .set_response_timeout(Some(Duration::from_millis(500)))
            .set_number_of_retries(1);
        self.connection.get_or_try_init(|| self.client.get_connection_manager_with_config(config)).await.cloned()
    }

    /// Wakes whoever listens to a topic. Never fails and never takes long.
    pub async fn wake(&self, topic: Topic) {
        self.publish(topic, String::new()).await;
    }

    /// Shows typing dots, if anybody hears it.
    pub async fn hint_typing(&self, hint: &TypingHint) {
        if let Ok(text) = serde_json::to_string(hint) {
            self.publish(Topic::Typing, text).await;
        }
    }

    async fn publish(&self, topic: Topic, message: String) {
        let published = async {
            let mut connection = self.connection().await?;
            connection.publish(topic.channel(), message).await
        };
        if let Err(error) = published.await {
            tracing::debug!(%error, ?topic, "redis did not take a wake-up; timers go on");
        }
    }

    /// Turns the messages of a topic into notifications until shutdown, reconnecting for ever.
    pub fn notify_on(&self, topic: Topic, wake: Arc<Notify>, shutdown: CancellationToken) {
        self.listen(topic, shutdown, move |_| wake.notify_one());
    }

    /// Hands every message of a topic to `on_message` until shutdown, reconnecting for ever.
    pub fn listen(&self, topic: Topic, shutdown: CancellationToken, mut on_message: impl FnMut(String) + Send + 'static) {
        let client = self.client.clone();
        tokio::spawn(async move {
            while !shutdown.is_cancelled() {
                tokio::select! {
                    () = shutdown.cancelled() => return,
                    _ = pump(&client, topic, &mut on_message) => {}
                }
                tokio::select! {
                    () = shutdown.cancelled() => return,
                    () = tokio::time::sleep(Duration::from_secs(1)) => {}
                }
            }
        });
    }
}

async fn pump(
    client: &redis::Client,
    topic: Topic,
    on_message: &mut (impl FnMut(String) + Send),
) -> Result<(), redis::RedisError> {
    let mut subscription = client.get_async_pubsub().await?;
    subscription.subscribe(topic.channel()).await?;
    let mut messages = subscription.on_message();
    while let Some(message) = messages.next().await {
        on_message(message.get_payload().unwrap_or_default());
    }
    Ok(())
}
