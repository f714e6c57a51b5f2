//! Finds contacts by parts of their names and numbers.

use chrono::{DateTime, Utc};
use nexus_core::ids::ContactId;
use nexus_core::tenancy::TenantTx;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::inbox::InboxError;
use crate::inbox::search::Words;

/// A row of the list.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct ContactRow {
    /// Which.
    #[schema(value_type = Uuid)]
    pub id: ContactId,
    /// What they are called.
    pub name: String,
    /// E.164, as the provider writes it.
    pub phone: Option<String>,
    /// Since when they do not want messages.
    pub opted_out_at: Option<DateTime<Utc>>,
    /// Since when they are blocked.
    pub blocked_at: Option<DateTime<Utc>>,
    /// When they first wrote.
    pub created_at: DateTime<Utc>,
}

/// The newest contacts before one, all of them or those that hold every word.
pub async fn search(
    tx: &mut TenantTx,
    words: Option<&Words>,
    before: Option<Uuid>,
    most: i64,
) -> Result<Vec<ContactRow>, InboxError> {
    sqlx::query("SET LOCAL plan_cache_mode = force_custom_plan").execute(&mut **tx).await?;
    let tenant = tx.tenant();
    let rows = sqlx::query_as(
        "SELECT p.id, coalesce(p.custom_name, p.display_name) AS name, p.opted_out_at, p.blocked_at, p.created_at,
                (SELECT i.address FROM contact_identities i
                 WHERE i.tenant_id = p.tenant_id AND i.contact_id = p.id AND i.kind = 'phone' LIMIT 1) AS phone
         FROM contacts p
         WHERE p.tenant_id = $1 AND ($2::uuid IS NULL OR p.id < $2)
           AND ($3::text[] IS NULL OR p.id IN (
               SELECT s.contact_id
               FROM unnest($3::text[], $4::text[]) AS w (first, beyond)
               CROSS JOIN LATERAL (
                   SELECT t.contact_id FROM contact_terms t
                   WHERE t.tenant_id = $1 AND t.term >= w.first AND t.term < w.beyond
                   ORDER BY t.term DESC, t.contact_id DESC LIMIT 20000
               ) s
               GROUP BY s.contact_id HAVING count(DISTINCT w.first) = cardinality($3)))
         ORDER BY p.id DESC LIMIT $5",
    )
    .bind(tenant)
    .bind(before)
    .bind(words.map(|words| &words.from))
    .bind(words.map(|words| &words.to))
    .bind(most)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows)
}
