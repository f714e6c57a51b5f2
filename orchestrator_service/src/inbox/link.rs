//! Where a person opens a conversation, for links in mails.

use nexus_core::ids::{ConversationId, TenantId};

/// The conversation in the admin UI, among all conversations so that it is found in whatever state it is by then.
#[must_use]
pub fn to_conversation(platform_url: &str, tenant: TenantId, conversation: ConversationId) -> String {
    format!("{platform_url}/t/{tenant}/inbox/all/{conversation}")
}
