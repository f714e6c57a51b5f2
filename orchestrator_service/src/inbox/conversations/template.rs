//! A person sends an approved template: the one kind of message that needs no open service window.

use nexus_core::ids::{ConversationId, MessageId};
use nexus_core::message::OutboundContent;
use nexus_core::tenancy::TenantTx;
use uuid::Uuid;

use super::Standing;
use super::send::{Sender, send};
use crate::inbox::InboxError;
use crate::templates::definition::Definition;
use crate::templates::fill::{Parameters, fill};
use crate::templates::{Template, store};

/// Queues a template with its parameters filled in.
pub async fn send_template(
    tx: &mut TenantTx,
    conversation: ConversationId,
    sender: &Sender,
    template: Uuid,
    parameters: &Parameters,
) -> Result<MessageId, InboxError> {
    let standing = Standing::lock(tx, conversation).await?;
    let template = match store::lock(tx, template).await {
        // It stands in the body, not in the address: a field that names nothing.
        Err(InboxError::NotFound(_)) => return Err(InboxError::Invalid("template_id", "is not a template of this business")),
        found => found?,
    };
    if template.channel_id != standing.channel_id {
        return Err(InboxError::Invalid("template_id", "belongs to another channel than this conversation"));
    }
    must_be_sendable(&template)?;
    let filled = fill(&Definition::read(&template.components), parameters).map_err(InboxError::InvalidFields)?;
    let content = OutboundContent::Template {
        name: template.name,
        language: template.language,
        components: filled.components,
        body: filled.preview.body,
    };
    send(tx, &standing, sender, content).await
}

/// WhatsApp would refuse it later and count it against the number.
fn must_be_sendable(template: &Template) -> Result<(), InboxError> {
    match template.status.as_str() {
        "approved" => Ok(()),
        "paused" => Err(InboxError::WrongState("WhatsApp has paused this template because of bad feedback; choose another one")),
        "rejected" => Err(InboxError::WrongState("WhatsApp has rejected this template; change it and submit it again")),
        "disabled" => Err(InboxError::WrongState("WhatsApp has disabled this template; choose another one")),
        "pending" | "in_appeal" | "unsubmitted" => Err(InboxError::WrongState("WhatsApp has not approved this template yet")),
        _ => Err(InboxError::WrongState("this template cannot be sent any more")),
    }
}
