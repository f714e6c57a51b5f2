//! The tools of the assistant: one file each. Who asks comes from the context, never from the model's arguments.

pub mod business_hours;
pub mod days_off;
mod registry;
pub mod request_handoff;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use nexus_core::ids::{ContactId, ConversationId, LeaseToken, TenantId, TurnId};
use nexus_core::tenancy::Db;
use nexus_core::vault::Vault;
use nexus_core::wake::Redis;
use serde_json::Value;

pub use registry::Registry;

/// Whether running a tool twice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It only looks.
    Reads,
    /// It changes something, and must be idempotent by its call id.
    Changes,
}

/// One tool.
pub trait Tool: Send + Sync {
    /// The name the model calls it by.
    fn name(&self) -> &'static str;
    /// When to use it, for the model.
    fn description(&self) -> &'static str;
    /// Whether running it twice matters.
    fn effect(&self) -> Effect;
    /// The JSON schema of its arguments.
    fn schema(&self) -> Value;
    /// Does it. The answer is data for the model.
    fn run<'a>(&'a self, context: &'a ToolContext<'a>, arguments: Value) -> BoxFuture<'a, Result<Value, ToolError>>;
}

/// Who asks, and when.
#[derive(Clone, Copy)]
pub struct ToolContext<'a> {
    /// Postgres.
    pub db: &'a Db,
    /// Opens the tenant's keys to outside systems.
    pub vault: &'a Vault,
    /// Redis, which may be away.
    pub redis: &'a Redis,
    /// Whose assistant.
    pub tenant: TenantId,
    /// With whom.
    pub contact: ContactId,
    /// In which conversation.
    pub conversation: ConversationId,
    /// In which turn.
    pub turn: TurnId,
    /// The right to act for that turn.
    pub lease_token: LeaseToken,
    /// The call; unique within the turn, since servers repeat ids across turns.
    pub call_id: &'a str,
    /// The clock.
    pub now: DateTime<Utc>,
}

impl ToolContext<'_> {
    /// Under which an effect of this call is recognised wherever it is asked for again.
    #[must_use]
    pub fn effect_key(&self) -> String {
        format!("{}/{}", self.turn, self.call_id)
    }
}

/// Why a tool did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// For the model to read and to act on.
    #[error("{0}")]
    Words(String),
    /// The turn may no longer act: its lease is lost or control has changed hands.
    #[error("the turn may no longer act")]
    TurnIsStale,
    /// The database refused or did not answer; the turn is carried on by another claim.
    #[error("a tool could not reach the database")]
    Database(#[from] sqlx::Error),
}
