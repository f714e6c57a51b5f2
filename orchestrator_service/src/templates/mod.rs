//! Templates: messages that WhatsApp has approved. The provider owns them; here is a copy that is read from it by a job,
//! follows its reports (the edge writes those), and is changed by telling the provider in a job. Identity is channel,
//! name and language, so a change that is told twice is one change.

pub mod definition;
pub mod fill;
pub mod jobs;
mod provider;
mod push;
pub mod store;
mod sync;

use chrono::{DateTime, Utc};
use nexus_core::ids::ChannelId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// What a template is for; WhatsApp charges by it and may change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Codes to sign in with.
    Authentication,
    /// Offers and news.
    Marketing,
    /// About something the customer has asked for.
    Utility,
}

impl Category {
    /// As it is stored; the provider writes it in capitals.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::Marketing => "marketing",
            Self::Utility => "utility",
        }
    }
}

/// One template.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct Template {
    /// Which.
    pub id: Uuid,
    /// Of which channel.
    #[schema(value_type = Uuid)]
    pub channel_id: ChannelId,
    /// The account it belongs to.
    #[serde(skip)]
    pub waba_id: String,
    /// Small letters, digits and underscores.
    pub name: String,
    /// As WhatsApp spells it, such as es_AR.
    pub language: String,
    /// authentication, marketing, utility or other.
    pub category: String,
    /// unsubmitted, pending, approved, rejected, paused, disabled, archived, in_appeal, deleted or unknown.
    pub status: String,
    /// green, yellow, red or unknown.
    pub quality: String,
    /// The definition: HEADER, BODY, FOOTER, BUTTONS.
    #[schema(value_type = Vec<Object>)]
    pub components: Value,
    /// Why WhatsApp rejected it, in its own words.
    pub rejection_reason: Option<String>,
    /// Meta's id.
    pub provider_id: Option<String>,
    /// What the provider still has to be told: create, update or delete.
    pub pending_change: Option<String>,
    /// Why the provider did not take the last change, in its own words.
    pub change_error: Option<String>,
    /// When it was last read from the provider.
    pub synced_at: Option<DateTime<Utc>>,
    /// Raised by every change.
    pub revision: i64,
}
