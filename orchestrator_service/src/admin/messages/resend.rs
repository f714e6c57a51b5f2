//! Sends a message again that did not arrive.

use axum::http::StatusCode;
use nexus_core::live::{self, LiveEvent};
use nexus_core::wake::Topic;
use serde::Deserialize;
use utoipa::ToSchema;

use super::MessagePath;
use crate::admin::api_error::ApiError;
use crate::admin::audit::{self, Change};
use crate::admin::conversations::updated;
use crate::admin::extract::{Path, Validate};
use crate::admin::guard::Awake;
use crate::admin::idempotency::{Answer, Begun, Idempotent};
use crate::admin::language::Reads;
use crate::auth::TenantCaller;
use crate::inbox::conversations::revision;
use crate::inbox::messages::resend::resend as send_again;
use crate::inbox::messages::{Message, get};

/// Nothing to say about it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Resend {}

impl Validate for Resend {}

/// Send again
///
/// A new message with the content of a failed, unknown or cancelled one. Refused with `wrong_state` when it arrived, when its
/// outcome is still being found out, or when it has been sent again before.
#[utoipa::path(post, path = "/tenants/{tenant_id}/conversations/{conversation_id}/messages/{message_id}/resend", tag = "messages",
    operation_id = "messages_resend",
    params(("conversation_id" = uuid::Uuid, Path), ("message_id" = uuid::Uuid, Path), ("Idempotency-Key" = String, Header)),
    request_body = Resend, responses((status = 201, body = Message)))]
pub(super) async fn resend(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<MessagePath>,
    Reads(language): Reads,
    Idempotent { body: Resend {}, request }: Idempotent<Resend>,
) -> Result<Answer, ApiError> {
    request.require_key()?;
    let conversation = path.conversation_id;
    let mut tx = brain.db.tenant(caller.tenant).await?;
    if let Begun::Done(answer) = request.begin(&mut tx).await? {
        return Ok(answer);
    }
    let message = send_again(&mut tx, conversation, path.message_id, caller.caller.user().map(|user| user.0)).await?;
    let change = Change { action: "message.resent", object_kind: "message", object_id: Some(message.0) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (Some(&path.message_id), Some(&message))).await?;
    let view = get::row(&mut tx, conversation, message).await?.in_words(language);
    let revision = revision(&mut tx, conversation).await?;
    let answer = request.finish(&mut tx, StatusCode::CREATED, &view).await?;
    tx.commit().await?;
    brain.redis.wake(Topic::Outbox).await;
    let created = LiveEvent::message_created(caller.tenant, conversation, message);
    live::publish(&brain.redis, &[created, updated(caller.tenant, conversation, revision)]).await;
    Ok(answer)
}
