//! A person writes to the contact.

use axum::http::StatusCode;
use nexus_core::live::{self, LiveEvent};
use nexus_core::wake::Topic;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{ConversationPath, change, updated};
use crate::admin::api_error::ApiError;
use crate::admin::audit::{self, Change, NOTHING};
use crate::admin::extract::{FieldErrors, Path, Validate};
use crate::admin::guard::Awake;
use crate::admin::idempotency::{Answer, Begun, Idempotent};
use crate::admin::language::Reads;
use crate::auth::TenantCaller;
use crate::inbox::conversations::revision;
use crate::inbox::conversations::send::{Sender, send_text};
use crate::inbox::messages::{Message, get};

/// What is said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SendText {
    /// At most 4096 characters.
    #[schema(min_length = 1, max_length = 4096, pattern = r"\S")]
    text: String,
    /// The browser's own id of the message; it comes back with it.
    #[schema(min_length = 1, max_length = 100, pattern = r"\S")]
    client_message_id: Option<String>,
}

impl Validate for SendText {
    fn validate(&self, found: &mut FieldErrors) {
        found.text("text", &self.text, nexus_core::message::MAX_TEXT_CHARS);
        if let Some(id) = &self.client_message_id {
            found.text("client_message_id", id, 100);
        }
    }
}

/// Send a text
///
/// Takes the conversation over: the assistant says nothing more. Refused with `service_window_closed` when only a
/// template may be sent, and with `opted_out`.
#[utoipa::path(post, path = "/tenants/{tenant_id}/conversations/{conversation_id}/messages", tag = "messages",
    operation_id = "messages_send", params(("conversation_id" = uuid::Uuid, Path), ("Idempotency-Key" = String, Header)),
    request_body = SendText, responses((status = 201, body = Message)))]
pub(super) async fn send(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ConversationPath>,
    Reads(language): Reads,
    Idempotent { body, request }: Idempotent<SendText>,
) -> Result<Answer, ApiError> {
    request.require_key()?;
    let conversation = path.conversation_id;
    let mut tx = change::begin(&brain, &caller).await?;
    if let Begun::Done(answer) = request.begin(&mut tx).await? {
        return Ok(answer);
    }
    let sender =
        Sender { user: caller.caller.user().map(|user| user.0), client_message_id: body.client_message_id, resend_of: None };
    let message = send_text(&mut tx, conversation, &sender, &body.text).await?;
    let change = Change { action: "message.sent", object_kind: "message", object_id: Some(message.0) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (NOTHING, NOTHING)).await?;
    let view = get::row(&mut tx, conversation, message).await?.in_words(language);
    let revision = revision(&mut tx, conversation).await?;
    let answer = request.finish(&mut tx, StatusCode::CREATED, &view).await?;
    tx.commit().await?;
    brain.redis.wake(Topic::Outbox).await;
    let created = LiveEvent::message_created(caller.tenant, conversation, message);
    live::publish(&brain.redis, &[created, updated(caller.tenant, conversation, revision)]).await;
    Ok(answer)
}
