//! A channel as it may be shown.

use chrono::{DateTime, Utc};
use nexus_core::ids::ChannelId;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::admin::etag::{ETag, Versioned};
use crate::admin::tested::words_of;
use crate::auth::{Permission, TenantCaller};
use crate::channels::store::Channel;
use crate::channels::webhook;
use crate::integrations::IntegrationState;
use crate::phrases::Language;
use crate::state::Brain;

/// One WhatsApp number of the business.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChannelView {
    /// Which.
    #[schema(value_type = Uuid)]
    pub(super) id: ChannelId,
    /// Through whom: `ycloud`, `meta` or `evolution`.
    provider: String,
    /// E.164.
    phone_number: String,
    /// What the business calls it.
    display_name: String,
    /// Who answers on it; null: nobody but people.
    assistant_id: Option<Uuid>,
    /// Whether messages are marked as read while the assistant writes.
    marks_read: bool,
    /// The end of its key; null when it uses the installation's.
    key_mask: Option<String>,
    /// Whether it has a webhook secret of its own.
    has_webhook_secret: bool,
    /// Where the provider must send the events. Only for those who may change channels: it is as good as a key.
    webhook_url: Option<String>,
    /// How it is.
    health: ChannelHealth,
    /// Which version this is, as in the `ETag`.
    revision: i64,
    /// Since when it is here.
    created_at: DateTime<Utc>,
}

/// How a channel is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChannelHealth {
    /// How the provider was found when last asked.
    state: IntegrationState,
    /// What was found then and what to do, in the language of `Accept-Language`.
    detail: String,
    /// When the provider was last asked.
    checked_at: Option<DateTime<Utc>>,
    /// Whether the provider calls us: `unknown`, `active`, `pending`, `disabled`, `missing`.
    webhook_state: String,
    /// The provider's own word for the number's standing, e.g. `GREEN`.
    quality: Option<String>,
    /// Since when the provider refuses the key.
    credentials_refused_at: Option<DateTime<Utc>>,
    /// When a customer last wrote, among the newest conversations.
    last_inbound_at: Option<DateTime<Utc>>,
    /// When something was last said to a customer, among the newest conversations.
    last_outbound_at: Option<DateTime<Utc>>,
}

impl ChannelView {
    pub(super) fn new(channel: Channel, language: Language, caller: &TenantCaller, brain: &Brain) -> Self {
        let path = webhook::path(&channel.provider, &channel.webhook_key);
        let base = brain.outside.webhook_base_url.as_deref().unwrap_or_default();
        let webhook_url = caller.may(Permission::ChannelsWrite).then(|| format!("{base}{path}"));
        Self {
            id: channel.id,
            provider: channel.provider,
            phone_number: channel.phone_number,
            display_name: channel.display_name,
            assistant_id: channel.assistant_id,
            marks_read: channel.marks_read,
            key_mask: channel.key_mask,
            has_webhook_secret: channel.has_webhook_secret,
            webhook_url,
            health: ChannelHealth {
                state: channel.state,
                detail: words_of(&channel.state_detail, language),
                checked_at: channel.checked_at,
                webhook_state: channel.webhook_state,
                quality: channel.quality,
                credentials_refused_at: channel.credentials_refused_at,
                last_inbound_at: channel.last_inbound_at,
                last_outbound_at: channel.last_outbound_at,
            },
            revision: channel.revision,
            created_at: channel.created_at,
        }
    }

    pub(super) fn versioned(self) -> Versioned<Self> {
        Versioned(ETag::of_revision(self.revision), self)
    }
}

/// What the audit log gets: what people decide, and never the webhook's address.
#[derive(Debug, Serialize)]
pub(super) struct Audited {
    provider: String,
    phone_number: String,
    display_name: String,
    assistant_id: Option<Uuid>,
    marks_read: bool,
    key_mask: Option<String>,
    has_webhook_secret: bool,
}

impl From<&Channel> for Audited {
    fn from(channel: &Channel) -> Self {
        Self {
            provider: channel.provider.clone(),
            phone_number: channel.phone_number.clone(),
            display_name: channel.display_name.clone(),
            assistant_id: channel.assistant_id,
            marks_read: channel.marks_read,
            key_mask: channel.key_mask.clone(),
            has_webhook_secret: channel.has_webhook_secret,
        }
    }
}
