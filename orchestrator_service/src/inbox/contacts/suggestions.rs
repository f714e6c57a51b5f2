//! Contacts that look like one person.

use chrono::{DateTime, Utc};
use nexus_core::ids::ContactId;
use nexus_core::tenancy::TenantTx;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::inbox::InboxError;

/// Two contacts that may be one.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct Suggestion {
    /// The one.
    #[schema(value_type = Uuid)]
    pub contact_id: ContactId,
    /// What it is called.
    pub contact_name: String,
    /// The other.
    #[schema(value_type = Uuid)]
    pub other_id: ContactId,
    /// What that is called.
    pub other_name: String,
    /// Why.
    pub reason: String,
    /// Since when.
    pub suggested_at: DateTime<Utc>,
}

/// The pairs after a key, in the order of their ids.
pub async fn list(tx: &mut TenantTx, after: Option<(Uuid, Uuid)>, most: i64) -> Result<Vec<Suggestion>, InboxError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as(
        "SELECT s.contact_id, coalesce(p.custom_name, p.display_name) AS contact_name,
                s.other_id, coalesce(o.custom_name, o.display_name) AS other_name, s.reason, s.suggested_at
         FROM contact_merge_suggestions s
         JOIN contacts p ON p.tenant_id = s.tenant_id AND p.id = s.contact_id
         JOIN contacts o ON o.tenant_id = s.tenant_id AND o.id = s.other_id
         WHERE s.tenant_id = $1 AND ($2::uuid IS NULL OR (s.contact_id, s.other_id) > ($2, $3))
         ORDER BY s.contact_id, s.other_id LIMIT $4",
    )
    .bind(tenant)
    .bind(after.map(|(contact, _)| contact))
    .bind(after.map(|(_, other)| other))
    .bind(most)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows)
}

/// They are two people after all.
pub async fn dismiss(tx: &mut TenantTx, contact: ContactId, other: ContactId) -> Result<(), InboxError> {
    let tenant = tx.tenant();
    let gone = sqlx::query(
        "DELETE FROM contact_merge_suggestions
         WHERE tenant_id = $1 AND ((contact_id = $2 AND other_id = $3) OR (contact_id = $3 AND other_id = $2))",
    )
    .bind(tenant)
    .bind(contact)
    .bind(other)
    .execute(&mut **tx)
    .await?;
    if gone.rows_affected() == 0 { Err(InboxError::NotFound("suggestion")) } else { Ok(()) }
}
