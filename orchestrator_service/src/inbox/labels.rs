//! The labels of a tenant. Conversations carry them by name, so renaming one renames it everywhere.

use nexus_core::tenancy::TenantTx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::InboxError;

/// A list that fits a menu.
const MOST: i64 = 200;

/// What a label looks like.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelFields {
    /// Unique, whatever the case; at most 40 characters.
    #[schema(min_length = 1, max_length = 40, pattern = r"\S")]
    pub name: String,
    /// gray, red, orange, yellow, green, teal, blue, purple or pink.
    #[schema(pattern = "^(gray|red|orange|yellow|green|teal|blue|purple|pink)$")]
    pub color: String,
}

/// One label.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct Label {
    /// Which.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its colour.
    pub color: String,
    /// Raised by every change.
    pub revision: i64,
}

impl LabelFields {
    fn check(&self) -> Result<(), InboxError> {
        let length = self.name.trim().chars().count();
        if length == 0 || length > 40 { Err(InboxError::Invalid("name", "1 to 40 characters")) } else { Ok(()) }
    }
}

/// All of them, by name.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<Label>, InboxError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as("SELECT id, name, color, revision FROM labels WHERE tenant_id = $1 ORDER BY lower(name) LIMIT $2")
        .bind(tenant)
        .bind(MOST)
        .fetch_all(&mut **tx)
        .await?;
    Ok(rows)
}

/// One of them, locked for a change.
pub async fn lock(tx: &mut TenantTx, label: Uuid) -> Result<Label, InboxError> {
    let tenant = tx.tenant();
    let found = sqlx::query_as("SELECT id, name, color, revision FROM labels WHERE tenant_id = $1 AND id = $2 FOR UPDATE")
        .bind(tenant)
        .bind(label)
        .fetch_optional(&mut **tx)
        .await?;
    found.ok_or(InboxError::NotFound("label"))
}

/// Makes one.
pub async fn create(tx: &mut TenantTx, fields: &LabelFields) -> Result<Label, InboxError> {
    fields.check()?;
    let tenant = tx.tenant();
    let count: i64 =
        sqlx::query_scalar("SELECT count(*) FROM labels WHERE tenant_id = $1").bind(tenant).fetch_one(&mut **tx).await?;
    if count >= MOST {
        return Err(InboxError::WrongState("200 labels are enough; delete one first"));
    }
    let label = sqlx::query_as(
        "INSERT INTO labels (tenant_id, id, name, color) VALUES ($1, $2, $3, $4) RETURNING id, name, color, revision",
    )
    .bind(tenant)
    .bind(Uuid::now_v7())
    .bind(fields.name.trim())
    .bind(&fields.color)
    .fetch_one(&mut **tx)
    .await?;
    Ok(label)
}

/// Changes one, and its name on every conversation.
pub async fn update(tx: &mut TenantTx, was: &Label, fields: &LabelFields) -> Result<Label, InboxError> {
    fields.check()?;
    let tenant = tx.tenant();
    let label: Label = sqlx::query_as(
        "UPDATE labels SET name = $3, color = $4, revision = revision + 1 WHERE tenant_id = $1 AND id = $2
         RETURNING id, name, color, revision",
    )
    .bind(tenant)
    .bind(was.id)
    .bind(fields.name.trim())
    .bind(&fields.color)
    .fetch_one(&mut **tx)
    .await?;
    if label.name != was.name {
        sqlx::query(
            "UPDATE chat_conversations SET labels = array_replace(labels, $2, $3), revision = revision + 1, updated_at = now()
             WHERE tenant_id = $1 AND $2 = ANY (labels)",
        )
        .bind(tenant)
        .bind(&was.name)
        .bind(&label.name)
        .execute(&mut **tx)
        .await?;
    }
    Ok(label)
}

/// Deletes one, and takes it off every conversation.
pub async fn delete(tx: &mut TenantTx, label: &Label) -> Result<(), InboxError> {
    let tenant = tx.tenant();
    sqlx::query(
        "UPDATE chat_conversations SET labels = array_remove(labels, $2), revision = revision + 1, updated_at = now()
         WHERE tenant_id = $1 AND $2 = ANY (labels)",
    )
    .bind(tenant)
    .bind(&label.name)
    .execute(&mut **tx)
    .await?;
    sqlx::query("DELETE FROM labels WHERE tenant_id = $1 AND id = $2").bind(tenant).bind(label.id).execute(&mut **tx).await?;
    Ok(())
}
