//! Clears up sends whose outcome is unknown: first by waiting for a status webhook, then by looking the message up.

use nexus_core::tenancy::TenantTx;

use super::lane::{Head, Lane};
use super::policy::{self, Decision, History};
use crate::providers::LookUp;
use crate::providers::ycloud::client::Recipient;
use crate::state::AppState;

/// Looks the message up at the provider and decides. No transaction is open meanwhile.
pub async fn look_up(app: &AppState, lane: &Lane, head: &Head, recipient: &Recipient) -> (Decision, History) {
    let directory = app.channels.current();
    let key =
        directory.by_id(lane.channel_id).and_then(|channel| channel.api_key.as_ref()).or(app.config.ycloud_api_key.as_ref());
    let found = match (key, head.sending_since) {
        (Some(key), Some(sent_at)) => app.ycloud.look_up(key, recipient, &head.id.external_id(), sent_at).await,
        _ => LookUp::Inconclusive,
    };
    let before = head.history();
    let absences = before.absences + i32::from(found == LookUp::Absent);
    let history = History { look_ups: before.look_ups + 1, absences, ..before };
    (policy::after_look_up(found, history), history)
}

/// Keeps count of the look-ups.
pub async fn count(tx: &mut TenantTx, lane: &Lane, head: &Head, history: History) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE outbox SET lookups = $3, absences = $4 WHERE tenant_id = $1 AND id = $2")
        .bind(lane.tenant_id)
        .bind(head.id)
        .bind(history.look_ups)
        .bind(history.absences)
        .execute(&mut **tx)
        .await
        .map(drop)
}
