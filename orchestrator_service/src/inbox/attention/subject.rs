//! What one look has to know about a conversation.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use nexus_core::ids::{ChannelId, ConversationId};
use nexus_core::tenancy::TenantTx;
use serde_json::Value;
use uuid::Uuid;

use crate::inbox::InboxError;
use crate::inbox::conversations::Standing;
use crate::phrases::Language;
use crate::service_levels::{Calendar, Case, Due};
use crate::tools::business_hours::Week;

/// Since when the first response and the resolution are late.
pub(super) type Markers = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// A conversation that is due, locked.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Subject {
    pub(super) id: ConversationId,
    pub(super) channel_id: ChannelId,
    /// The database's clock: everything one look compares with.
    pub(super) now: DateTime<Utc>,
    pub(super) status: String,
    pub(super) is_with_agent: bool,
    pub(super) is_window_open: bool,
    pub(super) is_muted: bool,
    pub(super) resume_at: Option<DateTime<Utc>>,
    pub(super) snoozed_until: Option<DateTime<Utc>>,
    pub(super) resolved_at: Option<DateTime<Utc>>,
    pub(super) waiting_since: Option<DateTime<Utc>>,
    pub(super) assigned_user_id: Option<Uuid>,
    pub(super) assigned_at: Option<DateTime<Utc>>,
    pub(super) team_id: Option<Uuid>,
    case_started_at: Option<DateTime<Utc>>,
    case_answered_at: Option<DateTime<Utc>>,
    case_ended_at: Option<DateTime<Utc>>,
    first_response_due_at: Option<DateTime<Utc>>,
    resolution_due_at: Option<DateTime<Utc>>,
    first_response_breached_at: Option<DateTime<Utc>>,
    resolution_breached_at: Option<DateTime<Utc>>,
    provider: String,
    language: String,
    time_zone: String,
    business_hours: Option<Value>,
    pub(super) is_suspended: bool,
}

impl Subject {
    /// Locks it if it is still due and nobody else is at it.
    pub(super) async fn lock(tx: &mut TenantTx, conversation: ConversationId) -> Result<Option<Self>, InboxError> {
        let tenant = tx.tenant();
        let found = sqlx::query_as(
            "SELECT c.id, c.channel_id, now() AS now, c.status, c.handled_by = 'agent' AS is_with_agent,
                    h.provider = 'evolution' OR coalesce(c.service_window_ends_at > now(), false) AS is_window_open,
                    p.opted_out_at IS NOT NULL OR p.blocked_at IS NOT NULL AS is_muted,
                    c.resume_at, c.snoozed_until, c.resolved_at, c.waiting_since, c.assigned_user_id, c.assigned_at, c.team_id,
                    c.case_started_at, c.case_answered_at, c.case_ended_at, c.first_response_due_at, c.resolution_due_at,
                    c.first_response_breached_at, c.resolution_breached_at, h.provider, t.language, t.time_zone,
                    t.business_hours, t.suspended_at IS NOT NULL AS is_suspended
             FROM chat_conversations c
             JOIN channels h ON h.tenant_id = c.tenant_id AND h.id = c.channel_id
             JOIN contacts p ON p.tenant_id = c.tenant_id AND p.id = c.contact_id
             JOIN tenants t ON t.id = c.tenant_id
             WHERE c.tenant_id = $1 AND c.id = $2 AND c.attend_at <= now()
             FOR UPDATE OF c SKIP LOCKED",
        )
        .bind(tenant)
        .bind(conversation)
        .fetch_optional(&mut **tx)
        .await?;
        Ok(found)
    }

    pub(super) fn standing(&self) -> Standing {
        Standing {
            id: self.id,
            channel_id: self.channel_id,
            is_with_agent: self.is_with_agent,
            status: self.status.clone(),
            is_window_open: self.is_window_open,
            is_muted: self.is_muted,
            is_waited_for: self.waiting_since.is_some(),
        }
    }

    /// Whether a person has to do something about it now.
    pub(super) fn needs_person(&self) -> bool {
        self.is_with_agent && matches!(self.status.as_str(), "open" | "pending")
    }

    pub(super) fn case(&self) -> Option<Case> {
        Some(Case {
            conversation: self.id,
            user: self.assigned_user_id,
            team: self.team_id,
            started_at: self.case_started_at?,
            answered_at: self.case_answered_at,
            ended_at: self.case_ended_at,
        })
    }

    /// What stands in the row.
    pub(super) fn due(&self) -> Due {
        Due { first_response: self.first_response_due_at, resolution: self.resolution_due_at }
    }

    /// Which targets were missed, as it stands in the row.
    pub(super) fn markers(&self) -> Markers {
        (self.first_response_breached_at, self.resolution_breached_at)
    }

    pub(super) fn calendar(&self) -> Calendar {
        let hours = self.business_hours.clone().and_then(|hours| serde_json::from_value(hours).ok());
        Calendar { zone: self.zone(), week: hours.and_then(|hours| Week::read(&hours)) }
    }

    pub(super) fn local_now(&self) -> DateTime<Tz> {
        self.now.with_timezone(&self.zone())
    }

    fn zone(&self) -> Tz {
        self.time_zone.parse().unwrap_or(chrono_tz::UTC)
    }

    pub(super) fn language(&self) -> Language {
        Language::of_code(&self.language)
    }

    /// Whether the channel shows lists to choose from.
    pub(super) fn has_lists(&self) -> bool {
        self.provider != "evolution"
    }
}
