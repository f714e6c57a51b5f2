//! Who has a conversation open, and who is typing. Kept in Redis for half a minute; losing it shows nobody.

use chrono::Utc;
use nexus_core::ids::{ConversationId, TenantId};
use nexus_core::wake::Redis;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A screen says it again within this time.
const SEEN_FOR_SECONDS: i64 = 30;

/// Somebody with the conversation open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Present {
    /// Who.
    pub user_id: Uuid,
    /// Whether they are writing.
    pub is_typing: bool,
    /// Seconds since 1970 at which they were last seen.
    pub seen_at: i64,
}

/// Notes that somebody is here, and answers who else is.
pub async fn note(
    redis: &Redis,
    tenant: TenantId,
    conversation: ConversationId,
    user: Uuid,
    is_typing: bool,
) -> Result<Vec<Present>, redis::RedisError> {
    let key = format!("nexus:presence:{tenant}:{conversation}");
    let now = Utc::now().timestamp();
    let me = Present { user_id: user, is_typing, seen_at: now };
    let mut connection = redis.connection().await?;
    let (all,): (Vec<String>,) = redis::pipe()
        .hset(&key, user.to_string(), serde_json::to_string(&me).unwrap_or_default())
        .ignore()
        .expire(&key, SEEN_FOR_SECONDS)
        .ignore()
        .hvals(&key)
        .query_async(&mut connection)
        .await?;
    let present = all.iter().filter_map(|text| serde_json::from_str::<Present>(text).ok());
    Ok(present.filter(|other| other.user_id != user && now - other.seen_at <= SEEN_FOR_SECONDS).collect())
}
