//! The one reader of this replica. It reads the streams somebody listens to, and hands every entry to all who do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nexus_core::ids::TenantId;
use nexus_core::live::stream_of;
use nexus_core::wake::Redis;
use redis::AsyncTypedCommands as _;
use redis::aio::MultiplexedConnection;
use redis::streams::{StreamReadOptions, StreamReadReply};
use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;

use super::entry::{Entry, EntryId, Heard};

/// How listeners are treated.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// A screen reconnects when it hears nothing for thirty seconds.
    pub heartbeat: Duration,
    /// How long somebody who was removed may go on listening.
    pub recheck: Duration,
    /// Entries a slow listener may fall behind before it is cut off.
    pub behind: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self { heartbeat: Duration::from_secs(12), recheck: Duration::from_secs(60), behind: 1_024 }
    }
}

/// How long one read waits; a stream that is new joins after at most this.
const BLOCK: Duration = Duration::from_millis(250);
const ENTRIES_PER_READ: usize = 500;
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// A tenant somebody listens to.
struct Channel {
    sender: broadcast::Sender<Heard>,
    /// The last entry handed on; `None` when Redis could not say, so the next contact is a resync.
    position: Option<EntryId>,
}

/// Live events of this replica.
#[derive(Clone)]
pub struct Hub {
    client: redis::Client,
    redis: Redis,
    channels: Arc<Mutex<HashMap<TenantId, Channel>>>,
    /// Wakes the reader when the first listener comes.
    listened_to: Arc<Notify>,
    shutdown: CancellationToken,
    pace: Pace,
}

impl Hub {
    /// A hub that reads nothing until [`Hub::run`] and somebody listens.
    pub fn new(url: &str, redis: Redis, shutdown: CancellationToken) -> Result<Self, redis::RedisError> {
        let client = redis::Client::open(url)?;
        Ok(Self { client, redis, channels: Arc::default(), listened_to: Arc::default(), shutdown, pace: Pace::default() })
    }

    /// The same hub at another pace.
    #[must_use]
    pub fn at_pace(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    /// How its listeners are treated.
    #[must_use]
    pub const fn pace(&self) -> Pace {
        self.pace
    }

    /// Ends all listening when it is cancelled.
    #[must_use]
    pub fn shutdown(&self) -> &CancellationToken {
        &self.shutdown
    }

    /// The shared connection, for reading back what a listener missed.
    #[must_use]
    pub(super) fn redis(&self) -> &Redis {
        &self.redis
    }

    fn channels(&self) -> MutexGuard<'_, HashMap<TenantId, Channel>> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Listens to a tenant: everything after the answered position arrives. Read back what came before it afterwards.
    pub(super) async fn listen(&self, tenant: TenantId) -> (broadcast::Receiver<Heard>, Option<EntryId>) {
        if let Some(listening) = self.join(tenant) {
            return listening;
        }
        let position = newest(&self.redis, tenant).await.ok();
        let listening = {
            let mut channels = self.channels();
            let channel =
                channels.entry(tenant).or_insert_with(|| Channel { sender: broadcast::Sender::new(self.pace.behind), position });
            (channel.sender.subscribe(), channel.position)
        };
        self.listened_to.notify_one();
        listening
    }

    fn join(&self, tenant: TenantId) -> Option<(broadcast::Receiver<Heard>, Option<EntryId>)> {
        let channels = self.channels();
        channels.get(&tenant).map(|channel| (channel.sender.subscribe(), channel.position))
    }

    /// Reads until shutdown, reconnecting for ever. After every interruption listeners are told to start afresh.
    pub async fn run(self) {
        while !self.shutdown.is_cancelled() {
            tokio::select! {
                () = self.shutdown.cancelled() => return,
                ended = self.read() => if let Err(error) = ended {
                    tracing::debug!(%error, "live events are interrupted; listeners start afresh when redis is back");
                }
            }
            self.channels().values_mut().for_each(|channel| channel.position = None);
            tokio::select! {
                () = self.shutdown.cancelled() => return,
                () = tokio::time::sleep(AGAIN_AFTER) => {}
            }
        }
    }

    async fn read(&self) -> Result<(), redis::RedisError> {
        let config = redis::AsyncConnectionConfig::new().set_response_timeout(Some(BLOCK + Duration::from_secs(5)));
        let mut connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        loop {
            let positions = self.positions();
            if positions.is_empty() {
                self.listened_to.notified().await;
                continue;
            }
            for tenant in positions.iter().filter(|(_, position)| position.is_none()).map(|(tenant, _)| *tenant) {
                self.start_afresh(tenant, newest(&self.redis, tenant).await?);
            }
            self.read_once(&mut connection, &positions).await?;
        }
    }

    /// Drops tenants nobody listens to, and answers how far the others are.
    fn positions(&self) -> Vec<(TenantId, Option<EntryId>)> {
        let mut channels = self.channels();
        channels.retain(|_, channel| channel.sender.receiver_count() > 0);
        channels.iter().map(|(tenant, channel)| (*tenant, channel.position)).collect()
    }

    fn start_afresh(&self, tenant: TenantId, position: EntryId) {
        if let Some(channel) = self.channels().get_mut(&tenant) {
            channel.position = Some(position);
            drop(channel.sender.send(Heard::Resync(tenant, position)));
        }
    }

    async fn read_once(
        &self,
        connection: &mut MultiplexedConnection,
        positions: &[(TenantId, Option<EntryId>)],
    ) -> Result<(), redis::RedisError> {
        let known: Vec<(TenantId, EntryId)> =
            positions.iter().filter_map(|(tenant, position)| position.map(|position| (*tenant, position))).collect();
        if known.is_empty() {
            return Ok(());
        }
        let streams: Vec<String> = known.iter().map(|(tenant, _)| stream_of(*tenant)).collect();
        let after: Vec<String> = known.iter().map(|(_, position)| position.to_string()).collect();
        let block = usize::try_from(BLOCK.as_millis()).unwrap_or(250);
        let options = StreamReadOptions::default().block(block).count(ENTRIES_PER_READ);
        let Some(reply) = connection.xread_options(&streams, &after, &options).await? else { return Ok(()) };
        self.hand_on(&known, reply);
        Ok(())
    }

    fn hand_on(&self, known: &[(TenantId, EntryId)], reply: StreamReadReply) {
        let mut channels = self.channels();
        for stream in reply.keys {
            let Some((tenant, _)) = known.iter().find(|(tenant, _)| stream_of(*tenant) == stream.key) else { continue };
            let Some(channel) = channels.get_mut(tenant) else { continue };
            for found in stream.ids {
                let Some(id) = EntryId::parse(&found.id) else { continue };
                channel.position = Some(id);
                let fields = found.map.into_iter().filter_map(|(name, value)| Some((name, redis::from_redis_value(value).ok()?)));
                if let Some(entry) = Entry::read(*tenant, &found.id, &fields.collect()) {
                    drop(channel.sender.send(Heard::Entry(Arc::new(entry))));
                }
            }
        }
    }
}

/// The newest entry of a stream; the beginning of an empty one.
async fn newest(redis: &Redis, tenant: TenantId) -> Result<EntryId, redis::RedisError> {
    let mut connection = redis.connection().await?;
    let found = connection.xrevrange_count(stream_of(tenant), "+", "-", 1).await?;
    Ok(found.ids.first().and_then(|entry| EntryId::parse(&entry.id)).unwrap_or_default())
}
