//! What people write down about a contact.

use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::ContactPath;
use super::get::versioned;
use crate::admin::api_error::ApiError;
use crate::admin::audit::{self, Change, NOTHING};
use crate::admin::etag::{IfMatch, Versioned};
use crate::admin::extract::{Json, Path, Validate, present};
use crate::admin::guard::Awake;
use crate::auth::TenantCaller;
use crate::inbox::contacts::edit::{ContactChange, edit as edit_row};
use crate::inbox::contacts::{Contact, get, lock};

/// The fields to change; absent ones stay.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct EditContact {
    /// What to call them; null goes back to the name of their profile.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    name: Option<Option<String>>,
    /// Free text.
    notes: Option<String>,
    /// All of them, in place of the ones before: texts, numbers and flags.
    #[schema(value_type = Option<Object>)]
    custom_attributes: Option<Map<String, Value>>,
}

impl Validate for EditContact {}

/// Change a contact
#[utoipa::path(patch, path = "/tenants/{tenant_id}/contacts/{contact_id}", tag = "contacts", operation_id = "contacts_edit",
    params(("contact_id" = uuid::Uuid, Path), ("If-Match" = String, Header)), request_body = EditContact,
    responses((status = 200, body = Contact, headers(("ETag" = String)))))]
pub(super) async fn edit(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ContactPath>,
    if_match: IfMatch,
    Json(body): Json<EditContact>,
) -> Result<Versioned<Contact>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let locked = lock(&mut tx, path.contact_id).await?;
    if_match.check(&versioned(get::get(&mut tx, path.contact_id).await?))?;
    let change = ContactChange { name: body.name, notes: body.notes, custom_attributes: body.custom_attributes };
    let changed = edit_row(&mut tx, path.contact_id, &locked, change).await?;
    // Which fields, not what they hold: the log outlives an erased contact.
    let change = Change { action: "contact.edited", object_kind: "contact", object_id: Some(path.contact_id.0) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (NOTHING, Some(&changed))).await?;
    let contact = get::get(&mut tx, path.contact_id).await?;
    tx.commit().await?;
    Ok(versioned(contact))
}
