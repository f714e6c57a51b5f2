//! What people write down about a contact.

use nexus_core::ids::ContactId;
use nexus_core::tenancy::TenantTx;
use nexus_core::text;
use serde_json::{Map, Value};

use super::Locked;
use crate::inbox::InboxError;

const MOST_ATTRIBUTES: usize = 50;
const MOST_ATTRIBUTE_BYTES: usize = 16 * 1024;

/// The fields to change; absent ones stay.
#[derive(Clone, Debug, Default)]
pub struct ContactChange {
    /// The name a person gives them; `Some(None)` goes back to the profile's.
    pub name: Option<Option<String>>,
    /// Free text.
    pub notes: Option<String>,
    /// All attributes, in place of the ones before.
    pub custom_attributes: Option<Map<String, Value>>,
}

/// Changes a locked contact. Answers the names of what changed.
pub async fn edit(
    tx: &mut TenantTx,
    contact: ContactId,
    was: &Locked,
    change: ContactChange,
) -> Result<Vec<&'static str>, InboxError> {
    check(&change)?;
    let changed: Vec<&'static str> = [
        ("name", change.name.is_some()),
        ("notes", change.notes.is_some()),
        ("custom_attributes", change.custom_attributes.is_some()),
    ]
    .into_iter()
    .filter_map(|(field, is_there)| is_there.then_some(field))
    .collect();
    let name = change.name.map_or_else(|| was.custom_name.clone(), |name| name.map(|name| name.trim().to_owned()));
    let attributes = change.custom_attributes.unwrap_or_else(|| was.custom_attributes.0.clone());
    let tenant = tx.tenant();
    sqlx::query(
        "UPDATE contacts SET custom_name = nullif($3, ''), notes = $4, custom_attributes = $5, revision = revision + 1,
                             updated_at = now()
         WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tenant)
    .bind(contact)
    .bind(name.map(|name| text::without_nul(&name).into_owned()))
    .bind(text::without_nul(&change.notes.unwrap_or_else(|| was.notes.clone())))
    .bind(text::json_without_nul(Value::Object(attributes)))
    .execute(&mut **tx)
    .await?;
    Ok(changed)
}

fn check(change: &ContactChange) -> Result<(), InboxError> {
    if change.name.iter().flatten().any(|name| name.chars().count() > 200) {
        return Err(InboxError::Invalid("name", "at most 200 characters"));
    }
    if change.notes.as_ref().is_some_and(|notes| notes.chars().count() > 20_000) {
        return Err(InboxError::Invalid("notes", "at most 20000 characters"));
    }
    let Some(attributes) = &change.custom_attributes else { return Ok(()) };
    let is_flat = attributes.values().all(|value| !value.is_object() && !value.is_array());
    let bytes = serde_json::to_vec(attributes).map_or(usize::MAX, |bytes| bytes.len());
    if !is_flat || attributes.len() > MOST_ATTRIBUTES || bytes > MOST_ATTRIBUTE_BYTES {
        return Err(InboxError::Invalid("custom_attributes", "at most 50 texts, numbers and flags, 16 KiB in all"));
    }
    Ok(())
}
