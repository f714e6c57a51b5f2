//! One contact.

use super::ContactPath;
use crate::admin::api_error::ApiError;
use crate::admin::etag::{ETag, Versioned};
use crate::admin::extract::Path;
use crate::admin::guard::Awake;
use crate::auth::TenantCaller;
use crate::inbox::contacts::{Contact, get as get_row};

/// One contact
#[utoipa::path(get, path = "/tenants/{tenant_id}/contacts/{contact_id}", tag = "contacts", operation_id = "contacts_get",
    params(("contact_id" = uuid::Uuid, Path)), responses((status = 200, body = Contact, headers(("ETag" = String)))))]
pub(super) async fn get(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ContactPath>,
) -> Result<Versioned<Contact>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    Ok(versioned(get_row::get(&mut tx, path.contact_id).await?))
}

/// A contact with its version.
pub(super) fn versioned(contact: Contact) -> Versioned<Contact> {
    Versioned(ETag::of_revision(contact.revision), contact)
}
