//! A person sends an approved template.

use axum::http::StatusCode;
use nexus_core::live::{self, LiveEvent};
use nexus_core::wake::Topic;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ConversationPath, change, updated};
use crate::admin::api_error::ApiError;
use crate::admin::audit::{self, Change, NOTHING};
use crate::admin::extract::{FieldErrors, Path, Validate};
use crate::admin::guard::Awake;
use crate::admin::idempotency::{Answer, Begun, Idempotent};
use crate::admin::language::Reads;
use crate::auth::TenantCaller;
use crate::inbox::conversations::revision;
use crate::inbox::conversations::send::Sender;
use crate::inbox::conversations::template::send_template;
use crate::inbox::messages::{Message, get};
use crate::templates::fill::Parameters;

/// Which template, and what is filled in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SendTemplate {
    /// An approved template of the conversation's channel.
    template_id: Uuid,
    /// Its values; they must match its definition.
    #[serde(default)]
    parameters: Parameters,
    /// The browser's own id of the message; it comes back with it.
    client_message_id: Option<String>,
}

impl Validate for SendTemplate {
    fn validate(&self, found: &mut FieldErrors) {
        if let Some(id) = &self.client_message_id {
            found.text("client_message_id", id, 100);
        }
    }
}

/// Send a template
///
/// Allowed when the service window is closed too. Takes the conversation over. Refused with `wrong_state` when WhatsApp has not
/// approved it, or has paused, rejected or disabled it; with the fields that do not match its definition; and with `opted_out`.
#[utoipa::path(post, path = "/tenants/{tenant_id}/conversations/{conversation_id}/template-messages", tag = "messages",
    operation_id = "messages_send_template",
    params(("conversation_id" = Uuid, Path), ("Idempotency-Key" = String, Header)), request_body = SendTemplate,
    responses((status = 201, body = Message)))]
pub(super) async fn send(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ConversationPath>,
    Reads(language): Reads,
    Idempotent { body, request }: Idempotent<SendTemplate>,
) -> Result<Answer, ApiError> {
    request.require_key()?;
    let conversation = path.conversation_id;
    let mut tx = change::begin(&brain, &caller).await?;
    if let Begun::Done(answer) = request.begin(&mut tx).await? {
        return Ok(answer);
    }
    let sender =
        Sender { user: caller.caller.user().map(|user| user.0), client_message_id: body.client_message_id, resend_of: None };
    let message = send_template(&mut tx, conversation, &sender, body.template_id, &body.parameters).await?;
    let change = Change { action: "message.sent", object_kind: "message", object_id: Some(message.0) };
    let after = json!({ "template_id": body.template_id });
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (NOTHING, Some(&after))).await?;
    let view = get::row(&mut tx, conversation, message).await?.in_words(language);
    let revision = revision(&mut tx, conversation).await?;
    let answer = request.finish(&mut tx, StatusCode::CREATED, &view).await?;
    tx.commit().await?;
    brain.redis.wake(Topic::Outbox).await;
    let created = LiveEvent::message_created(caller.tenant, conversation, message);
    live::publish(&brain.redis, &[created, updated(caller.tenant, conversation, revision)]).await;
    Ok(answer)
}
