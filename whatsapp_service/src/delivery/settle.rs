//! Records what was decided about an outbox row, and the message with it. Order of locks: message, outbox, lane, as in
//! the projector.

use std::time::Duration;

use nexus_core::message::MessageStatus;
use nexus_core::system_events::{self, Severity, SystemEvent};
use nexus_core::tenancy::TenantTx;
use serde_json::json;

use super::lane::{Head, Lane};
use super::policy::Decision;
use crate::providers::Refusal;

/// Writes a decision. A status webhook may have settled the row meanwhile; then only what is still missing is added.
pub async fn apply(
    tx: &mut TenantTx,
    lane: &Lane,
    head: &Head,
    decision: &Decision,
    unknown_wait: Duration,
) -> Result<(), sqlx::Error> {
    match decision {
        Decision::Sent { provider_ref, provider_message_id } => {
            sent(tx, lane, head, provider_ref, provider_message_id.as_deref()).await
        }
        Decision::Fail(refusal) => failed(tx, lane, head, refusal).await,
        Decision::FailAndPause(refusal) => {
            failed(tx, lane, head, refusal).await?;
            pause_channel(tx, lane, refusal).await
        }
        Decision::Retry(delay) => retry(tx, lane, head, *delay).await,
        Decision::Reconcile(reason) => unknown(tx, lane, head, reason, unknown_wait).await,
        Decision::LeaveUnknown(reason) => leave_unknown(tx, lane, head, reason).await,
    }
}

/// Will not be sent: control has changed hands or the contact wants nothing from us.
pub async fn cancel(tx: &mut TenantTx, lane: &Lane, head: &Head, reason: &str) -> Result<(), sqlx::Error> {
    update_message(tx, lane, head, MessageStatus::Cancelled, Some(("cancelled", reason))).await?;
    update_outbox(tx, lane, head, "cancelled", Some(("cancelled", reason))).await
}

/// Shown as failed, with the provider's code or our own.
pub async fn failed(tx: &mut TenantTx, lane: &Lane, head: &Head, refusal: &Refusal) -> Result<(), sqlx::Error> {
    let error = Some((refusal.code.as_str(), refusal.detail.as_str()));
    update_message(tx, lane, head, MessageStatus::Failed, error).await?;
    update_outbox(tx, lane, head, "failed", error).await?;
    record(tx, lane, "send_failed", Severity::Warning, head, &refusal.code).await
}

async fn sent(
    tx: &mut TenantTx,
    lane: &Lane,
    head: &Head,
    provider_ref: &str,
    message_id: Option<&str>,
) -> Result<(), sqlx::Error> {
    // The echo of this very message may have been stored first under WhatsApp's id; then that id is taken.
    sqlx::query(
        "UPDATE chat_messages m SET status = greatest(status, 'accepted'), provider_ref = $3,
             provider_message_id = coalesce(m.provider_message_id, CASE WHEN NOT EXISTS (
                 SELECT FROM chat_messages x WHERE x.tenant_id = m.tenant_id AND x.channel_id = m.channel_id AND x.provider_message_id = $4)
                 THEN $4 END)
         WHERE tenant_id = $1 AND id = $2",
    )
    .bind(lane.tenant_id)
    .bind(head.message_id)
    .bind(provider_ref)
    .bind(message_id)
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "UPDATE outbox SET state = CASE WHEN state = 'failed' THEN state ELSE 'sent' END, settled_at = coalesce(settled_at, now()),
             provider_ref = $3, provider_message_id = coalesce($4, provider_message_id)
         WHERE tenant_id = $1 AND id = $2",
    )
    .bind(lane.tenant_id)
    .bind(head.id)
    .bind(provider_ref)
    .bind(message_id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn retry(tx: &mut TenantTx, lane: &Lane, head: &Head, delay: Duration) -> Result<(), sqlx::Error> {
    // A row that was unknown and is sent again counts as a resend.
    sqlx::query(
        "UPDATE outbox SET resends = resends + CASE WHEN state = 'unknown' THEN 1 ELSE 0 END, state = 'queued', due_at = now() + $3
         WHERE tenant_id = $1 AND id = $2 AND settled_at IS NULL",
    )
    .bind(lane.tenant_id)
    .bind(head.id)
    .bind(delay)
    .execute(&mut **tx)
    .await
    .map(drop)
}

async fn unknown(tx: &mut TenantTx, lane: &Lane, head: &Head, reason: &str, wait: Duration) -> Result<(), sqlx::Error> {
    update_message(tx, lane, head, MessageStatus::Unknown, None).await?;
    sqlx::query(
        "UPDATE outbox SET state = 'unknown', due_at = now() + $3, error_detail = $4
         WHERE tenant_id = $1 AND id = $2 AND settled_at IS NULL",
    )
    .bind(lane.tenant_id)
    .bind(head.id)
    .bind(wait)
    .bind(nexus_core::text::truncated(reason, 500))
    .execute(&mut **tx)
    .await
    .map(drop)
}

async fn leave_unknown(tx: &mut TenantTx, lane: &Lane, head: &Head, reason: &str) -> Result<(), sqlx::Error> {
    update_message(tx, lane, head, MessageStatus::Unknown, Some(("outcome_unknown", reason))).await?;
    update_outbox(tx, lane, head, "unknown", Some(("outcome_unknown", reason))).await?;
    record(tx, lane, "send_unknown", Severity::Error, head, "outcome_unknown").await
}

/// Other messages of the channel wait, and an operator learns why.
async fn pause_channel(tx: &mut TenantTx, lane: &Lane, refusal: &Refusal) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE channels SET credentials_refused_at = now() WHERE tenant_id = $1 AND id = $2")
        .bind(lane.tenant_id)
        .bind(lane.channel_id)
        .execute(&mut **tx)
        .await?;
    let detail = json!({ "channel_id": lane.channel_id, "code": refusal.code });
    let event = SystemEvent {
        tenant: Some(lane.tenant_id),
        kind: "credential_refused",
        severity: Severity::Error,
        conversation: Some(lane.conversation_id),
        detail: &detail,
    };
    system_events::record(tx, event).await
}

async fn update_message(
    tx: &mut TenantTx,
    lane: &Lane,
    head: &Head,
    status: MessageStatus,
    error: Option<(&str, &str)>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE chat_messages SET status = $3, status_at = now(), error_code = $4, error_detail = $5
         WHERE tenant_id = $1 AND id = $2 AND status < $3",
    )
    .bind(lane.tenant_id)
    .bind(head.message_id)
    .bind(status)
    .bind(error.map(|(code, _)| code))
    .bind(error.map(|(_, detail)| detail))
    .execute(&mut **tx)
    .await
    .map(drop)
}

async fn update_outbox(
    tx: &mut TenantTx,
    lane: &Lane,
    head: &Head,
    state: &str,
    error: Option<(&str, &str)>,
) -> Result<(), sqlx::Error> {
    metrics::counter!("outbox_settled_total", "state" => state.to_owned()).increment(1);
    sqlx::query(
        "UPDATE outbox SET state = $3, settled_at = now(), error_code = $4, error_detail = $5
         WHERE tenant_id = $1 AND id = $2 AND settled_at IS NULL",
    )
    .bind(lane.tenant_id)
    .bind(head.id)
    .bind(state)
    .bind(error.map(|(code, _)| code))
    .bind(error.map(|(_, detail)| detail))
    .execute(&mut **tx)
    .await
    .map(drop)
}

async fn record(
    tx: &mut TenantTx,
    lane: &Lane,
    kind: &str,
    severity: Severity,
    head: &Head,
    code: &str,
) -> Result<(), sqlx::Error> {
    let detail = json!({ "message_id": head.message_id, "code": code });
    let event =
        SystemEvent { tenant: Some(lane.tenant_id), kind, severity, conversation: Some(lane.conversation_id), detail: &detail };
    system_events::record(tx, event).await
}
