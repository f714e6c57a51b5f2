//! Redis' memory of the last hours' event ids: spares Postgres the provider's retries. Only what is committed is marked,
//! so a hit is a promise already kept. Without Redis every event simply goes to the unique constraint.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::Utc;
use nexus_core::wake::Redis;

use super::Entry;

/// The current bucket and the one before it span at least the provider's whole retry schedule of 5 h 36 min.
const BUCKET_SECONDS: i64 = 6 * 3600;
/// An answer slower than this costs more than it saves.
const PATIENCE: Duration = Duration::from_millis(50);
/// After a failure Redis is left alone for a while.
const PAUSE_SECONDS: i64 = 2;

/// The duplicate check.
#[derive(Clone)]
pub struct Seen {
    redis: Redis,
    paused_until: Arc<AtomicI64>,
}

impl Seen {
    /// Uses this Redis.
    #[must_use]
    pub fn new(redis: Redis) -> Self {
        Self { redis, paused_until: Arc::default() }
    }

    /// Which of the entries are known to be stored already; "none" when Redis does not say.
    pub async fn check(&self, entries: &[&Entry]) -> Vec<bool> {
        let unknown = || vec![false; entries.len()];
        if self.is_paused() {
            return unknown();
        }
        match tokio::time::timeout(PATIENCE, self.ask(entries)).await {
            Ok(Ok(known)) if known.len() == entries.len() => known,
            _ => {
                self.pause();
                unknown()
            }
        }
    }

    /// Marks committed events without making anyone wait.
    pub fn mark(&self, entries: &[&Entry]) {
        if entries.is_empty() || self.is_paused() {
            return;
        }
        let members: Vec<String> = entries.iter().map(|entry| member(entry)).collect();
        let this = self.clone();
        tokio::spawn(async move {
            if !matches!(tokio::time::timeout(PATIENCE * 4, this.add(members)).await, Ok(Ok(()))) {
                this.pause();
            }
        });
    }

    async fn ask(&self, entries: &[&Entry]) -> Result<Vec<bool>, redis::RedisError> {
        let members: Vec<String> = entries.iter().map(|entry| member(entry)).collect();
        let [current, previous] = buckets();
        let mut connection = self.redis.connection().await?;
        let mut question = redis::pipe();
        for bucket in [current, previous] {
            question.cmd("SMISMEMBER").arg(bucket).arg(&members);
        }
        let (now, before): (Vec<bool>, Vec<bool>) = question.query_async(&mut connection).await?;
        Ok(now.into_iter().zip(before).map(|(now, before)| now || before).collect())
    }

    async fn add(&self, members: Vec<String>) -> Result<(), redis::RedisError> {
        let [current, _] = buckets();
        let mut connection = self.redis.connection().await?;
        let mut command = redis::pipe();
        command.cmd("SADD").arg(&current).arg(&members).ignore();
        command.cmd("EXPIRE").arg(&current).arg(2 * BUCKET_SECONDS).ignore();
        command.query_async(&mut connection).await
    }

    fn is_paused(&self) -> bool {
        Utc::now().timestamp() < self.paused_until.load(Ordering::Relaxed)
    }

    fn pause(&self) {
        self.paused_until.store(Utc::now().timestamp() + PAUSE_SECONDS, Ordering::Relaxed);
        metrics::counter!("redis_duplicate_check_failures_total").increment(1);
    }
}

fn member(entry: &Entry) -> String {
    format!("{}:{}", entry.provider.as_str(), entry.event_id)
}

fn buckets() -> [String; 2] {
    let number = Utc::now().timestamp() / BUCKET_SECONDS;
    [number, number - 1].map(|number| format!("nexus:seen:{number}"))
}
