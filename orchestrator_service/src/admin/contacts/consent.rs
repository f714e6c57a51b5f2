//! Whether a contact wants messages, and whether it is blocked.

use super::ContactPath;
use super::get::versioned;
use crate::admin::api_error::ApiError;
use crate::admin::audit::{self, Change, NOTHING};
use crate::admin::etag::Versioned;
use crate::admin::extract::Path;
use crate::admin::guard::Awake;
use crate::auth::TenantCaller;
use crate::inbox::contacts::consent::{Silence, set};
use crate::inbox::contacts::{Contact, get};
use crate::state::Brain;

/// Note that the contact wants no messages
#[utoipa::path(put, path = "/tenants/{tenant_id}/contacts/{contact_id}/opt-out", tag = "contacts",
    operation_id = "contacts_opt_out", params(("contact_id" = uuid::Uuid, Path)), responses((status = 200, body = Contact)))]
pub(super) async fn opt_out(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ContactPath>,
) -> Result<Versioned<Contact>, ApiError> {
    switch(&brain, &caller, &path, (Silence::OptedOut, true), "contact.opted_out").await
}

/// Note that the contact wants messages again
#[utoipa::path(delete, path = "/tenants/{tenant_id}/contacts/{contact_id}/opt-out", tag = "contacts",
    operation_id = "contacts_opt_in", params(("contact_id" = uuid::Uuid, Path)), responses((status = 200, body = Contact)))]
pub(super) async fn opt_in(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ContactPath>,
) -> Result<Versioned<Contact>, ApiError> {
    switch(&brain, &caller, &path, (Silence::OptedOut, false), "contact.opted_in").await
}

/// Block
#[utoipa::path(put, path = "/tenants/{tenant_id}/contacts/{contact_id}/block", tag = "contacts",
    operation_id = "contacts_block", params(("contact_id" = uuid::Uuid, Path)), responses((status = 200, body = Contact)))]
pub(super) async fn block(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ContactPath>,
) -> Result<Versioned<Contact>, ApiError> {
    switch(&brain, &caller, &path, (Silence::Blocked, true), "contact.blocked").await
}

/// Unblock
#[utoipa::path(delete, path = "/tenants/{tenant_id}/contacts/{contact_id}/block", tag = "contacts",
    operation_id = "contacts_unblock", params(("contact_id" = uuid::Uuid, Path)), responses((status = 200, body = Contact)))]
pub(super) async fn unblock(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ContactPath>,
) -> Result<Versioned<Contact>, ApiError> {
    switch(&brain, &caller, &path, (Silence::Blocked, false), "contact.unblocked").await
}

async fn switch(
    brain: &Brain,
    caller: &TenantCaller,
    path: &ContactPath,
    (silence, is_on): (Silence, bool),
    action: &str,
) -> Result<Versioned<Contact>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    if set(&mut tx, path.contact_id, silence, is_on).await? {
        let change = Change { action, object_kind: "contact", object_id: Some(path.contact_id.0) };
        audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (NOTHING, NOTHING)).await?;
    }
    let contact = get::get(&mut tx, path.contact_id).await?;
    tx.commit().await?;
    Ok(versioned(contact))
}
