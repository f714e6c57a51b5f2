//! What a provider's adapter must do. An adapter has two sides: *inbound* is pure (authenticate, translate) and knows
//! no database; *outbound* calls the provider and reports what the caller can act on.

pub mod ycloud;

use chrono::{DateTime, Utc};
use nexus_core::message::MessageStatus;
use nexus_core::seam::identity::Identifiers;
use nexus_core::seam::inbox::Origin;
use serde_json::Value;
use std::time::Duration;

/// What one webhook event means, free of the provider's wire format.
#[derive(Clone, Debug)]
pub enum Translated {
    /// Somebody wrote.
    Message(Box<InboundMessage>),
    /// The provider reports on an outbound message.
    Status(Box<StatusReport>),
    /// The provider reports on a template.
    Template(Box<TemplateReport>),
    /// Nothing has to be done, and why.
    Ignored(String),
    /// It cannot be processed, and why; a person may look at it and replay it.
    Parked(String),
}

/// A message as the provider reported it.
#[derive(Clone, Debug)]
pub struct InboundMessage {
    /// The business' number.
    pub business_number: String,
    /// Who wrote it.
    pub origin: Origin,
    /// The contact's identifiers; never empty.
    pub contact: Identifiers,
    /// The contact's profile name.
    pub name: Option<String>,
    /// WhatsApp's id.
    pub provider_message_id: String,
    /// The provider's own id.
    pub provider_ref: Option<String>,
    /// WhatsApp's id of the quoted message.
    pub reply_to: Option<String>,
    /// The provider's message type.
    pub kind: String,
    /// One line that stands for it.
    pub body: String,
    /// The content object.
    pub content: Value,
    /// The provider's time.
    pub sent_at: DateTime<Utc>,
}

/// A status observation.
#[derive(Clone, Debug)]
pub struct StatusReport {
    /// The correlation id given when sending, if the provider repeats it.
    pub external_id: Option<String>,
    /// What was observed.
    pub status: MessageStatus,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// The provider's error code of a failure.
    pub error_code: Option<String>,
    /// The provider's words about a failure.
    pub error_detail: Option<String>,
    /// The message itself, for the case that we did not send it.
    pub message: InboundMessage,
}

/// What the provider says about a template. What it does not mention stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateReport {
    /// The WhatsApp account it belongs to.
    pub account: String,
    /// Its name.
    pub name: String,
    /// Its language, letter for letter.
    pub language: String,
    /// One of those in `message_templates_status_known`.
    pub status: Option<String>,
    /// One of those in `message_templates_category_known`.
    pub category: Option<String>,
    /// One of those in `message_templates_quality_known`.
    pub quality: Option<String>,
    /// Why it was rejected.
    pub reason: Option<String>,
    /// Meta's id.
    pub provider_id: Option<String>,
    /// When, by the provider's clock.
    pub reported_at: DateTime<Utc>,
}

/// What became of one call to send a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// The provider took it.
    Accepted {
        /// The provider's own id.
        provider_ref: String,
        /// WhatsApp's id, if it is known already.
        provider_message_id: Option<String>,
    },
    /// The provider refused this message for good.
    Rejected(Refusal),
    /// The provider refused us: wrong key, suspended number, no balance.
    CredentialsRefused(Refusal),
    /// Not taken; try again after this long, or after a back-off of our own.
    RateLimited(Option<Duration>),
    /// Certainly not taken, for a reason that will pass.
    Unavailable(Refusal),
    /// Nobody knows whether it was taken.
    Unknown(String),
}

impl SendOutcome {
    /// A short name for metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::Rejected(_) => "rejected",
            Self::CredentialsRefused(_) => "credentials_refused",
            Self::RateLimited(_) => "rate_limited",
            Self::Unavailable(_) => "unavailable",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// A provider's "no".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The provider's code.
    pub code: String,
    /// The provider's words; shown to people, never branched on.
    pub detail: String,
}

/// What a look-up of an earlier send found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookUp {
    /// It was accepted.
    Found {
        /// The provider's own id.
        provider_ref: String,
        /// WhatsApp's id, if it is known already.
        provider_message_id: Option<String>,
    },
    /// The list reaches back far enough and does not have it.
    Absent,
    /// The provider did not answer, or its list does not reach back far enough.
    Inconclusive,
}
