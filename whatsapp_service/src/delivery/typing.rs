//! Typing dots, when the brain says that the assistant has begun to write. Cosmetic: at most two seconds, never retried.

use nexus_core::wake::{Topic, TypingHint};
use tokio_util::sync::CancellationToken;

use crate::state::AppState;

/// WhatsApp shows the dots for 25 s; with several replicas only the first to hear a hint calls.
const ONCE_PER_SECONDS: u64 = 10;

/// Listens for hints until shutdown.
pub fn show_typing(app: &AppState, shutdown: CancellationToken) {
    let redis = app.redis.clone();
    let app = app.clone();
    redis.listen(Topic::Typing, shutdown, move |message| {
        if let Ok(hint) = serde_json::from_str::<TypingHint>(&message) {
            let app = app.clone();
            tokio::spawn(async move { show(&app, hint).await });
        }
    });
}

async fn show(app: &AppState, hint: TypingHint) {
    let directory = app.channels.current();
    // Showing dots also marks the message as read.
    let Some(channel) = directory.by_id(hint.channel).filter(|channel| channel.marks_read) else { return };
    let Some(key) = channel.api_key.as_ref().or(app.config.ycloud_api_key.as_ref()) else { return };
    if is_first(app, &hint.provider_ref).await {
        app.ycloud.show_typing(key, &hint.provider_ref).await;
    }
}

async fn is_first(app: &AppState, provider_ref: &str) -> bool {
    let Ok(mut connection) = app.redis.connection().await else { return true };
    let mut set = redis::cmd("SET");
    set.arg(format!("nexus:typing:{provider_ref}")).arg(1).arg("NX").arg("EX").arg(ONCE_PER_SECONDS);
    let set: Result<Option<String>, _> = set.query_async(&mut connection).await;
    !matches!(set, Ok(None))
}
