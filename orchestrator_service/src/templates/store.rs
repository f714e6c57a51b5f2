//! Templates in Postgres.

use chrono::{DateTime, Utc};
use nexus_core::ids::ChannelId;
use nexus_core::tenancy::TenantTx;
use serde_json::Value;
use uuid::Uuid;

use super::{Category, Template};
use crate::inbox::InboxError;

macro_rules! templates {
    ($tail:literal) => {
        concat!(
            "SELECT id, channel_id, waba_id, name, language, category, status, quality, components, rejection_reason, provider_id,
                    pending_change, change_error, synced_at, revision
             FROM message_templates ",
            $tail
        )
    };
}

/// What narrows the list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this channel's.
    pub channel: Option<Uuid>,
    /// Only in this status.
    pub status: Option<String>,
    /// Only whose name begins like this.
    pub name: Option<String>,
}

/// Where a page begins: name, language, id.
pub type Key = (String, String, Uuid);

/// Up to `most` after a key, by name. Those that the provider has deleted are not there.
pub async fn list(tx: &mut TenantTx, filter: &Filter, after: Option<Key>, most: i64) -> Result<Vec<Template>, InboxError> {
    let tenant = tx.tenant();
    let (name, language, id) = after.map_or((None, None, None), |(name, language, id)| (Some(name), Some(language), Some(id)));
    let rows = sqlx::query_as(templates!(
        "WHERE tenant_id = $1 AND ($2::uuid IS NULL OR channel_id = $2) AND ($3::text IS NULL OR status = $3)
           AND ($4::text IS NULL OR starts_with(name, $4)) AND (status <> 'deleted' OR $3 = 'deleted')
           AND ($5::text IS NULL OR (name, language, id) > ($5, $6::text, $7::uuid))
         ORDER BY name, language, id LIMIT $8"
    ))
    .bind(tenant)
    .bind(filter.channel)
    .bind(filter.status.as_deref())
    .bind(filter.name.as_deref())
    .bind(name)
    .bind(language)
    .bind(id)
    .bind(most)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows)
}

/// One of them, which nobody else changes until the transaction ends.
pub async fn lock(tx: &mut TenantTx, template: Uuid) -> Result<Template, InboxError> {
    let tenant = tx.tenant();
    let found = sqlx::query_as(templates!("WHERE tenant_id = $1 AND id = $2 FOR UPDATE"))
        .bind(tenant)
        .bind(template)
        .fetch_optional(&mut **tx)
        .await?;
    found.ok_or(InboxError::NotFound("template"))
}

/// A new one.
#[derive(Clone, Debug)]
pub struct NewTemplate<'a> {
    /// On which channel.
    pub channel: ChannelId,
    /// Small letters, digits and underscores.
    pub name: &'a str,
    /// As WhatsApp spells it.
    pub language: &'a str,
    /// What it is for.
    pub category: Category,
    /// The definition.
    pub components: &'a Value,
}

/// Keeps a new one until the provider has been told.
pub async fn create(tx: &mut TenantTx, new: &NewTemplate<'_>) -> Result<Template, InboxError> {
    let tenant = tx.tenant();
    let is_channel: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM channels WHERE tenant_id = $1 AND id = $2 AND provider = 'ycloud')")
            .bind(tenant)
            .bind(new.channel)
            .fetch_one(&mut **tx)
            .await?;
    if !is_channel {
        return Err(InboxError::Invalid("channel_id", "is not a channel of this business that has templates"));
    }
    let id = Uuid::now_v7();
    sqlx::query(
        "INSERT INTO message_templates (tenant_id, id, channel_id, name, language, category, components, pending_change)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'create')",
    )
    .bind(tenant)
    .bind(id)
    .bind(new.channel)
    .bind(new.name)
    .bind(new.language)
    .bind(new.category.as_str())
    .bind(new.components)
    .execute(&mut **tx)
    .await?;
    lock(tx, id).await
}

/// Keeps another definition until the provider has been told. The caller holds the lock.
pub async fn change(tx: &mut TenantTx, was: &Template, components: &Value) -> Result<Template, InboxError> {
    if was.pending_change.as_deref() == Some("delete") || matches!(was.status.as_str(), "archived" | "deleted") {
        return Err(InboxError::WrongState("an archived or deleted template cannot be changed"));
    }
    let tenant = tx.tenant();
    sqlx::query(
        "UPDATE message_templates
         SET components = $3, change_error = NULL, revision = revision + 1, updated_at = now(),
             pending_change = CASE WHEN status = 'unsubmitted' THEN 'create' ELSE 'update' END
         WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tenant)
    .bind(was.id)
    .bind(components)
    .execute(&mut **tx)
    .await?;
    lock(tx, was.id).await
}

/// Marks it to be deleted; one that the provider never had is gone at once. The caller holds the lock.
pub async fn delete(tx: &mut TenantTx, was: &Template) -> Result<bool, InboxError> {
    let tenant = tx.tenant();
    // A submission may be on its way right now, so only one that was refused is known not to be there.
    let is_only_here = was.status == "unsubmitted" && was.pending_change.is_none();
    let sql = if is_only_here {
        "DELETE FROM message_templates WHERE tenant_id = $1 AND id = $2"
    } else {
        "UPDATE message_templates SET pending_change = 'delete', change_error = NULL, revision = revision + 1, updated_at = now()
         WHERE tenant_id = $1 AND id = $2"
    };
    sqlx::query(sql).bind(tenant).bind(was.id).execute(&mut **tx).await?;
    Ok(!is_only_here)
}

/// What the provider says about one.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// The account.
    pub waba_id: String,
    /// Its identity there.
    pub name: String,
    /// Its identity there.
    pub language: String,
    /// authentication, marketing, utility or other.
    pub category: String,
    /// One of ours.
    pub status: String,
    /// One of ours.
    pub quality: String,
    /// The definition.
    pub components: Value,
    /// Why it was rejected.
    pub reason: Option<String>,
    /// Meta's id.
    pub provider_id: Option<String>,
}

/// Takes over what the provider had when reading began. What was changed or reported since then is newer and stays.
/// Answers whether anything was written.
pub async fn take_over(tx: &mut TenantTx, channel: ChannelId, read: &Read, at: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    let tenant = tx.tenant();
    let changed = sqlx::query(
        "INSERT INTO message_templates AS t (tenant_id, id, channel_id, waba_id, name, language, category, status, quality,
                                             components, rejection_reason, provider_id, synced_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         ON CONFLICT ON CONSTRAINT message_templates_once DO UPDATE
         SET waba_id = excluded.waba_id, category = excluded.category, status = excluded.status, quality = excluded.quality,
             components = CASE WHEN t.pending_change IS NULL THEN excluded.components ELSE t.components END,
             rejection_reason = excluded.rejection_reason, provider_id = excluded.provider_id,
             synced_at = excluded.synced_at,
             revision = t.revision + CASE WHEN (t.category, t.status, t.quality, t.components, t.rejection_reason)
                 IS DISTINCT FROM (excluded.category, excluded.status, excluded.quality, excluded.components,
                                   excluded.rejection_reason) THEN 1 ELSE 0 END
         WHERE t.updated_at <= excluded.synced_at",
    )
    .bind(tenant)
    .bind(Uuid::now_v7())
    .bind(channel)
    .bind(&read.waba_id)
    .bind(&read.name)
    .bind(&read.language)
    .bind(&read.category)
    .bind(&read.status)
    .bind(&read.quality)
    .bind(&read.components)
    .bind(read.reason.as_deref())
    .bind(read.provider_id.as_deref())
    .bind(at)
    .execute(&mut **tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Whatever of a channel was not there when everything was read is deleted, unless the provider was never told of it.
pub async fn forget_unseen(tx: &mut TenantTx, channel: ChannelId, read_at: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    let tenant = tx.tenant();
    let gone = sqlx::query(
        "UPDATE message_templates SET status = 'deleted', pending_change = NULL, revision = revision + 1, updated_at = now()
         WHERE tenant_id = $1 AND channel_id = $2 AND status NOT IN ('unsubmitted', 'deleted')
           AND (synced_at IS NULL OR synced_at < $3) AND updated_at < $3",
    )
    .bind(tenant)
    .bind(channel)
    .bind(read_at)
    .execute(&mut **tx)
    .await?;
    Ok(gone.rows_affected())
}
