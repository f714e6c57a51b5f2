//! Whose number it is, and the message put where every message goes.

use std::time::Duration;

use chrono::Utc;
use nexus_core::ids::{ChannelId, ConversationId, TenantId};
use nexus_core::phone::PhoneNumber;
use nexus_core::seam::identity::Identifiers;
use nexus_core::seam::inbox::{self, Arrival, Origin};
use nexus_core::seam::turns::BurstDefaults;
use nexus_core::tenancy::Db;
use nexus_core::text::json_without_nul;
use serde_json::json;

use super::request::ChatRequest;

/// Longer than a call waits: after it a turn whose caller has died is taken like any other.
const CALLER_IS_DEAD_AFTER: Duration = Duration::from_secs(90);

/// The channel a request is for.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub(super) struct Route {
    pub(super) tenant_id: TenantId,
    pub(super) channel_id: ChannelId,
}

/// The message as it is stored.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub(super) struct Stored {
    pub(super) conversation_id: ConversationId,
    /// Its place among those that deserve an answer.
    pub(super) inbound_seq: Option<i64>,
}

/// The channel with this number, by the number alone; the provider only decides between channels that share it.
pub(super) async fn route(db: &Db, request: &ChatRequest, number: &PhoneNumber) -> Result<Option<Route>, sqlx::Error> {
    let mut tx = db.system().await?;
    let route = sqlx::query_as(
        "SELECT tenant_id, id AS channel_id FROM channels WHERE phone_number = ANY($1) ORDER BY provider = $2 DESC, id LIMIT 1",
    )
    .bind(vec![number.as_str().to_owned(), number.matching_key()])
    .bind(request.provider.as_str())
    .fetch_optional(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(route)
}

/// Stores the message once, and keeps its turn for this caller.
pub(super) async fn record(
    db: &Db,
    route: Route,
    request: &ChatRequest,
    contact: &PhoneNumber,
    burst: BurstDefaults,
) -> Result<Stored, sqlx::Error> {
    let arrival = arrival(route, request, contact);
    let mut tx = db.tenant(route.tenant_id).await?;
    let recorded = inbox::record(&mut tx, std::slice::from_ref(&arrival), burst).await?;
    let stored: Stored = sqlx::query_as(
        "SELECT conversation_id, inbound_seq FROM chat_messages WHERE tenant_id = $1 AND channel_id = $2 AND provider_message_id = $3",
    )
    .bind(route.tenant_id)
    .bind(route.channel_id)
    .bind(&arrival.provider_message_id)
    .fetch_one(&mut *tx)
    .await?;
    if !recorded.new.is_empty() {
        sqlx::query(
            "UPDATE turns SET origin = 'chat', due_at = now() + $3
             WHERE tenant_id = $1 AND conversation_id = $2 AND state = 'collecting'",
        )
        .bind(route.tenant_id)
        .bind(stored.conversation_id)
        .bind(CALLER_IS_DEAD_AFTER)
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(stored)
}

fn arrival(route: Route, request: &ChatRequest, contact: &PhoneNumber) -> Arrival {
    let body = request.body();
    let media: Vec<_> = request.media.iter().map(|media| json!({ "type": media.kind, "caption": media.caption })).collect();
    let kind = request.media.first().map_or("text", |media| media.kind.as_str());
    Arrival {
        tenant: route.tenant_id,
        channel: route.channel_id,
        origin: if request.is_echo() { Origin::Phone } else { Origin::Contact },
        contact: Identifiers::of_phone(contact.clone()),
        name: request.customer_name.clone(),
        provider_message_id: request.provider_message_id.clone().unwrap_or_else(|| format!("event:{}", request.event_id)),
        provider_ref: None,
        reply_to: None,
        kind: kind.to_owned(),
        content: json_without_nul(json!({ "body": body, "media": media })),
        body,
        sent_at: Utc::now(),
    }
}
