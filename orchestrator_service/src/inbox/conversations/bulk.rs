//! One change to many conversations: each for itself, so that one that cannot be changed keeps no other from it. The
//! answer holds what stood there before, which is all that undoing needs.

use chrono::{DateTime, Utc};
use nexus_core::ids::ConversationId;
use nexus_core::seam::turns::BurstDefaults;
use nexus_core::tenancy::TenantTx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::assign::{Assignment, assign};
use super::{Handler, Status, control, labels, status};
use crate::inbox::InboxError;

/// As many as a page of the list holds.
pub const MOST: usize = 100;

/// What is to be done with each.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum BulkAction {
    /// Give it to somebody; both null is nobody's.
    Assign {
        /// A member who answers customers.
        user_id: Option<Uuid>,
        /// A team.
        team_id: Option<Uuid>,
    },
    /// Change its labels.
    Label {
        /// Names of labels it gets.
        #[serde(default)]
        add: Vec<String>,
        /// Names of labels it loses.
        #[serde(default)]
        remove: Vec<String>,
    },
    /// Mark it as done.
    Resolve,
    /// Open it again.
    Reopen,
    /// Let it rest.
    Snooze {
        /// In the future, at most a year ahead.
        until: DateTime<Utc>,
    },
    /// Give it back to the assistant.
    Return,
}

impl BulkAction {
    /// As it stands in the audit log.
    #[must_use]
    pub const fn audited(&self) -> &'static str {
        match self {
            Self::Assign { .. } => "conversation.assigned",
            Self::Label { .. } => "conversation.labelled",
            Self::Resolve => "conversation.resolved",
            Self::Reopen => "conversation.reopened",
            Self::Snooze { .. } => "conversation.snoozed",
            Self::Return => "conversation.returned",
        }
    }
}

/// What stood there before.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct Previous {
    /// Where it stood.
    pub status: Status,
    /// Until when it rested.
    pub snoozed_until: Option<DateTime<Utc>>,
    /// Who answered.
    pub handled_by: Handler,
    /// Whose it was.
    pub assigned_user_id: Option<Uuid>,
    /// Which team's it was.
    pub team_id: Option<Uuid>,
    /// Its labels.
    pub labels: Vec<String>,
}

/// What became of one of them.
#[derive(Debug)]
pub struct Changed {
    /// Which.
    pub conversation: ConversationId,
    /// What stood there before, or why nothing was done.
    pub result: Result<Previous, InboxError>,
}

/// Changes them in the order of their ids. Only a database that fails ends it.
pub async fn change_all(
    tx: &mut TenantTx,
    conversations: &[ConversationId],
    action: &BulkAction,
    now: DateTime<Utc>,
    burst: BurstDefaults,
) -> Result<Vec<Changed>, InboxError> {
    let mut ids = conversations.to_vec();
    ids.sort();
    ids.dedup();
    let mut changed = Vec::with_capacity(ids.len());
    for conversation in ids {
        // What one of them had begun is undone when it is refused.
        sqlx::query("SAVEPOINT one").execute(&mut **tx).await?;
        let result = match change_one(tx, conversation, action, now, burst).await {
            Err(InboxError::Database(error)) => return Err(error.into()),
            result => result,
        };
        let end = if result.is_ok() { "RELEASE SAVEPOINT one" } else { "ROLLBACK TO SAVEPOINT one" };
        sqlx::query(end).execute(&mut **tx).await?;
        changed.push(Changed { conversation, result });
    }
    Ok(changed)
}

async fn change_one(
    tx: &mut TenantTx,
    conversation: ConversationId,
    action: &BulkAction,
    now: DateTime<Utc>,
    burst: BurstDefaults,
) -> Result<Previous, InboxError> {
    let previous = lock(tx, conversation).await?;
    match action {
        BulkAction::Assign { user_id, team_id } => {
            assign(tx, conversation, Assignment { user_id: *user_id, team_id: *team_id }).await.map(drop)?;
        }
        BulkAction::Label { add, remove } => {
            let kept = previous.labels.iter().filter(|label| !remove.contains(label));
            let wanted: Vec<String> = kept.chain(add).cloned().collect();
            labels::set(tx, conversation, &wanted).await.map(drop)?;
        }
        BulkAction::Resolve => status::resolve(tx, conversation).await?,
        BulkAction::Reopen => status::reopen(tx, conversation).await?,
        BulkAction::Snooze { until } => status::snooze(tx, conversation, *until, now).await?,
        BulkAction::Return => control::give_back(tx, conversation, burst).await.map(drop)?,
    }
    Ok(previous)
}

async fn lock(tx: &mut TenantTx, conversation: ConversationId) -> Result<Previous, InboxError> {
    let tenant = tx.tenant();
    let found = sqlx::query_as(
        "SELECT status, snoozed_until, handled_by, assigned_user_id, team_id, labels FROM chat_conversations
         WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
    )
    .bind(tenant)
    .bind(conversation)
    .fetch_optional(&mut **tx)
    .await?;
    found.ok_or(InboxError::NotFound("conversation"))
}
