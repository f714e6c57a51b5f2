//! The people who write, as the inbox shows and changes them.

pub mod consent;
pub mod edit;
pub mod erase;
pub mod export;
pub mod get;
pub mod merge;
pub mod search;
pub mod suggestions;

use nexus_core::ids::ContactId;
use nexus_core::tenancy::TenantTx;
use sqlx::types::Json;

use super::InboxError;
pub use get::{Contact, ContactConversation, Identity};

/// What a change of a contact starts from, locked until the transaction ends.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Locked {
    /// Raised by every change.
    pub revision: i64,
    /// Given by a person.
    pub custom_name: Option<String>,
    /// What people wrote down.
    pub notes: String,
    /// Whatever else is known.
    pub custom_attributes: Json<serde_json::Map<String, serde_json::Value>>,
}

/// Locks a contact. Its conversations are locked first, where they are locked too.
pub async fn lock(tx: &mut TenantTx, contact: ContactId) -> Result<Locked, InboxError> {
    let tenant = tx.tenant();
    let found = sqlx::query_as(
        "SELECT revision, custom_name, notes, custom_attributes FROM contacts WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
    )
    .bind(tenant)
    .bind(contact)
    .fetch_optional(&mut **tx)
    .await?;
    found.ok_or(InboxError::NotFound("contact"))
}
