//! Conversations as the inbox shows and changes them.

pub mod assign;
pub mod bulk;
pub mod control;
pub mod counts;
pub mod drafts;
pub mod events;
pub mod filter;
pub mod get;
pub mod labels;
pub mod list;
pub mod mentions;
pub mod notes;
pub mod priority;
pub mod read;
pub mod send;
pub mod status;
pub mod template;
mod view;

use nexus_core::ids::{ChannelId, ConversationId};
use nexus_core::seam::outbox::Thread;
use nexus_core::tenancy::TenantTx;

pub use view::{Action, CaseBrief, ChannelBrief, ContactBrief, Conversation, Handler, LastMessage, Priority, Status};

use super::InboxError;

/// What a change has to look at, read under the lock of the conversation's row.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Standing {
    /// Which.
    pub id: ConversationId,
    /// Its channel.
    pub channel_id: ChannelId,
    /// Whether an agent has it.
    pub is_with_agent: bool,
    /// open, pending, resolved or snoozed.
    pub status: String,
    /// Whether free text may be sent now.
    pub is_window_open: bool,
    /// Whether the contact may be written to at all.
    pub is_muted: bool,
    /// Whether the contact waits for a person.
    pub is_waited_for: bool,
}

impl Standing {
    /// Locks the conversation until the transaction ends.
    pub async fn lock(tx: &mut TenantTx, conversation: ConversationId) -> Result<Self, InboxError> {
        let tenant = tx.tenant();
        let found = sqlx::query_as(
            "SELECT c.id, c.channel_id, c.handled_by = 'agent' AS is_with_agent, c.status, c.waiting_since IS NOT NULL AS is_waited_for,
                    h.provider = 'evolution' OR coalesce(c.service_window_ends_at > now(), false) AS is_window_open,
                    p.opted_out_at IS NOT NULL OR p.blocked_at IS NOT NULL AS is_muted
             FROM chat_conversations c
             JOIN channels h ON h.tenant_id = c.tenant_id AND h.id = c.channel_id
             JOIN contacts p ON p.tenant_id = c.tenant_id AND p.id = c.contact_id
             WHERE c.tenant_id = $1 AND c.id = $2
             FOR UPDATE OF c",
        )
        .bind(tenant)
        .bind(conversation)
        .fetch_optional(&mut **tx)
        .await?;
        found.ok_or(InboxError::NotFound("conversation"))
    }

    /// Where its messages go.
    #[must_use]
    pub fn thread(&self, tx: &TenantTx) -> Thread {
        Thread { tenant: tx.tenant(), conversation: self.id, channel: self.channel_id }
    }
}

/// The counter by which a screen sees that it missed a change.
pub async fn revision(tx: &mut TenantTx, conversation: ConversationId) -> Result<i64, InboxError> {
    let tenant = tx.tenant();
    let found = sqlx::query_scalar("SELECT revision FROM chat_conversations WHERE tenant_id = $1 AND id = $2")
        .bind(tenant)
        .bind(conversation)
        .fetch_optional(&mut **tx)
        .await?;
    found.ok_or(InboxError::NotFound("conversation"))
}
