//! One contact.

use chrono::{DateTime, Utc};
use nexus_core::ids::{ChannelId, ContactId, ConversationId};
use nexus_core::tenancy::TenantTx;
use serde::Serialize;
use sqlx::types::Json;
use utoipa::ToSchema;

use crate::inbox::InboxError;

/// How a contact is known on a channel.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct Identity {
    /// On which channel.
    #[schema(value_type = Uuid)]
    pub channel_id: ChannelId,
    /// phone, user_id or group.
    pub kind: String,
    /// As the provider writes it.
    pub address: String,
}

/// A thread with the contact.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct ContactConversation {
    /// Which.
    #[schema(value_type = Uuid)]
    pub id: ConversationId,
    /// Over which channel.
    #[schema(value_type = Uuid)]
    pub channel_id: ChannelId,
    /// open, pending, resolved or snoozed.
    pub status: String,
    /// When something was last said.
    pub last_message_at: Option<DateTime<Utc>>,
}

/// One contact.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct Contact {
    /// Which.
    #[schema(value_type = Uuid)]
    pub id: ContactId,
    /// What they are called: the name a person gave them, or their profile's.
    pub name: String,
    /// The name a person gave them.
    pub custom_name: Option<String>,
    /// What people wrote down.
    pub notes: String,
    /// Whatever else is known.
    #[schema(value_type = Object)]
    pub custom_attributes: Json<serde_json::Map<String, serde_json::Value>>,
    /// Since when they do not want messages.
    pub opted_out_at: Option<DateTime<Utc>>,
    /// Since when they are blocked.
    pub blocked_at: Option<DateTime<Utc>>,
    /// When they first wrote.
    pub created_at: DateTime<Utc>,
    /// Raised by every change people make.
    pub revision: i64,
    /// Numbers and user ids.
    #[sqlx(skip)]
    pub identities: Vec<Identity>,
    /// The newest fifty threads.
    #[sqlx(skip)]
    pub conversations: Vec<ContactConversation>,
}

/// The contact with all of it.
pub async fn get(tx: &mut TenantTx, contact: ContactId) -> Result<Contact, InboxError> {
    let tenant = tx.tenant();
    let found: Option<Contact> = sqlx::query_as(
        "SELECT id, coalesce(custom_name, display_name) AS name, custom_name, notes, custom_attributes, opted_out_at, blocked_at,
                created_at, revision
         FROM contacts WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tenant)
    .bind(contact)
    .fetch_optional(&mut **tx)
    .await?;
    let mut contact_row = found.ok_or(InboxError::NotFound("contact"))?;
    contact_row.identities = sqlx::query_as(
        "SELECT channel_id, kind, address FROM contact_identities WHERE tenant_id = $1 AND contact_id = $2
         ORDER BY created_at, value LIMIT 50",
    )
    .bind(tenant)
    .bind(contact)
    .fetch_all(&mut **tx)
    .await?;
    contact_row.conversations = sqlx::query_as(
        "SELECT id, channel_id, status, last_message_at FROM chat_conversations WHERE tenant_id = $1 AND contact_id = $2
         ORDER BY last_message_at DESC NULLS LAST, id DESC LIMIT 50",
    )
    .bind(tenant)
    .bind(contact)
    .fetch_all(&mut **tx)
    .await?;
    Ok(contact_row)
}
