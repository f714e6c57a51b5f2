//! What narrows a list, as it is kept and sent; the words of a search are looked up when it is used.

use nexus_core::tenancy::TenantTx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::list::{Filter, View};
use crate::inbox::InboxError;
use crate::inbox::search::Words;

/// In bytes; more is not read anyway.
pub const LONGEST_SEARCH: usize = 20_000;

/// A view of the inbox and what narrows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ListFilter {
    /// Which list; usually waiting.
    pub view: View,
    /// Only this channel.
    pub channel_id: Option<Uuid>,
    /// Only with this label.
    pub label: Option<String>,
    /// Only this person's.
    pub assigned_user_id: Option<Uuid>,
    /// Only this team's.
    pub team_id: Option<Uuid>,
    /// Only unread ones.
    pub unread: bool,
    /// Only those whose service window closes within four hours.
    pub window_closing: bool,
    /// Only those with a failed or unknown message of the last thirty days.
    pub failed: bool,
    /// Only those that missed a target of the service level.
    pub breached: bool,
    /// Only those whose contact last gave this score or less, 1 to 5.
    #[schema(minimum = 1, maximum = 5)]
    pub satisfaction_at_most: Option<i16>,
    /// Words of the contact's name, digits of the number, or words of what was said; all must be there.
    #[schema(max_length = 20000)]
    pub q: Option<String>,
}

impl ListFilter {
    /// Refuses what is kept and names something that is not this tenant's.
    pub async fn check(&self, tx: &mut TenantTx) -> Result<(), InboxError> {
        let tenant = tx.tenant();
        let (has_channel, has_team, has_member): (bool, bool, bool) = sqlx::query_as(
            "SELECT $2::uuid IS NULL OR EXISTS (SELECT FROM channels WHERE tenant_id = $1 AND id = $2),
                    $3::uuid IS NULL OR EXISTS (SELECT FROM teams WHERE tenant_id = $1 AND id = $3),
                    $4::uuid IS NULL OR EXISTS (SELECT FROM memberships WHERE tenant_id = $1 AND user_id = $4)",
        )
        .bind(tenant)
        .bind(self.channel_id)
        .bind(self.team_id)
        .bind(self.assigned_user_id)
        .fetch_one(&mut **tx)
        .await?;
        match (has_channel, has_team, has_member) {
            (false, ..) => Err(InboxError::Invalid("filter.channel_id", "is not a channel of this business")),
            (_, false, _) => Err(InboxError::Invalid("filter.team_id", "is not a team of this business")),
            (.., false) => Err(InboxError::Invalid("filter.assigned_user_id", "is not a member of this business")),
            (true, true, true) => Ok(()),
        }
    }

    /// The filter with its words looked up.
    pub async fn resolve(self, tx: &mut TenantTx) -> Result<Filter, InboxError> {
        let words = match self.q.as_deref().map(str::trim).filter(|typed| !typed.is_empty()) {
            Some(typed) => Some(Words::read(tx, typed).await?),
            None => None,
        };
        Ok(Filter {
            channel: self.channel_id,
            label: self.label,
            assignee: self.assigned_user_id,
            team: self.team_id,
            is_unread: self.unread,
            is_window_closing: self.window_closing,
            has_failed_message: self.failed,
            is_breached: self.breached,
            most_score: self.satisfaction_at_most,
            words,
        })
    }
}
