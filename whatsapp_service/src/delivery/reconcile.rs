//! Clears up sends whose outcome is unknown: first by waiting for a status webhook, then by looking the message up.

use nexus_core::tenancy::TenantTx;

use super::lane::{Head, Lane};
use super::policy::{self, Decision, History};
use crate::providers::ycloud::client::Recipient;
use crate::state::AppState;

/// Looks the message up at the provider and decides. No transaction is open meanwhile.
pub async fn look_up(app: &AppState, lane: &Lane, head: &Head, recipient: &Recipient) -> Decision {
    let history = History { look_ups: head.history().look_ups + 1, ..head.history() };
    let directory = app.channels.current();
    let key =
        directory.by_id(lane.channel_id).and_then(|channel| channel.api_key.as_ref()).or(app.config.ycloud_api_key.as_ref());
    let found = match (key, head.sending_since) {
        (Some(key), Some(sent_at)) => app.ycloud.look_up(key, recipient, &head.id.external_id(), sent_at).await,
        _ => crate::providers::LookUp::Inconclusive,
    };
    policy::after_look_up(found, history)
}

/// Counts a look-up.
pub async fn count(tx: &mut TenantTx, lane: &Lane, head: &Head) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE outbox SET lookups = lookups + 1 WHERE tenant_id = $1 AND id = $2")
        .bind(lane.tenant_id)
        .bind(head.id)
        .execute(&mut **tx)
        .await
        .map(drop)
}
