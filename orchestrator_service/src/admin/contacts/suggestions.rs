//! Contacts that look like one person.

use axum::http::StatusCode;
use nexus_core::ids::ContactId;
use serde::Deserialize;
use uuid::Uuid;

use crate::admin::api_error::ApiError;
use crate::admin::audit::{self, Change, NOTHING};
use crate::admin::extract::Path;
use crate::admin::guard::Awake;
use crate::admin::page::{Page, Paging};
use crate::auth::TenantCaller;
use crate::inbox::contacts::suggestions::{self, Suggestion};

/// Contacts that may be one person
#[utoipa::path(get, path = "/tenants/{tenant_id}/contact-merge-suggestions", tag = "contacts",
    operation_id = "contacts_merge_suggestions", params(Paging), responses((status = 200, body = Page<Suggestion>)))]
pub(super) async fn list(
    Awake(brain): Awake,
    caller: TenantCaller,
    paging: Paging,
) -> Result<axum::Json<Page<Suggestion>>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let rows = suggestions::list(&mut tx, paging.after::<(Uuid, Uuid)>()?, paging.fetch()).await?;
    Ok(axum::Json(Page::cut(rows, &paging, |row| (row.contact_id.0, row.other_id.0))))
}

/// Which pair.
#[derive(Debug, Deserialize)]
pub(super) struct PairPath {
    contact_id: ContactId,
    other_id: ContactId,
}

/// They are two people
#[utoipa::path(delete, path = "/tenants/{tenant_id}/contact-merge-suggestions/{contact_id}/{other_id}", tag = "contacts",
    operation_id = "contacts_dismiss_suggestion", params(("contact_id" = Uuid, Path), ("other_id" = Uuid, Path)),
    responses((status = 204)))]
pub(super) async fn dismiss(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<PairPath>,
) -> Result<StatusCode, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    suggestions::dismiss(&mut tx, path.contact_id, path.other_id).await?;
    let change = Change { action: "contact.merge_dismissed", object_kind: "contact", object_id: Some(path.contact_id.0) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (NOTHING, Some(&path.other_id))).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
