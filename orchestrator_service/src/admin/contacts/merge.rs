//! Makes one contact of two.

use axum::http::StatusCode;
use nexus_core::ids::ContactId;
use nexus_core::live;
use serde::Deserialize;
use utoipa::ToSchema;

use super::ContactPath;
use crate::admin::api_error::ApiError;
use crate::admin::audit::{self, Change};
use crate::admin::conversations::updated;
use crate::admin::extract::{Path, Validate};
use crate::admin::guard::Awake;
use crate::admin::idempotency::{Answer, Begun, Idempotent};
use crate::auth::TenantCaller;
use crate::inbox::contacts::merge::merge as merge_rows;
use crate::inbox::contacts::{Contact, get};
use crate::inbox::conversations::revision;

/// Whom to merge into the contact of the path.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MergeContact {
    /// The contact that will be gone.
    #[schema(value_type = uuid::Uuid)]
    other_id: ContactId,
}

impl Validate for MergeContact {}

/// Merge another contact into this one
///
/// Every conversation stays. Cannot be undone.
#[utoipa::path(post, path = "/tenants/{tenant_id}/contacts/{contact_id}/merge", tag = "contacts",
    operation_id = "contacts_merge", params(("contact_id" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = MergeContact, responses((status = 200, body = Contact)))]
pub(super) async fn merge(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ContactPath>,
    Idempotent { body, request }: Idempotent<MergeContact>,
) -> Result<Answer, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    if let Begun::Done(answer) = request.begin(&mut tx).await? {
        return Ok(answer);
    }
    let moved = merge_rows(&mut tx, path.contact_id, body.other_id).await?;
    let change = Change { action: "contact.merged", object_kind: "contact", object_id: Some(path.contact_id.0) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (Some(&body.other_id), Some(&moved))).await?;
    let mut events = Vec::with_capacity(moved.len());
    for conversation in moved {
        events.push(updated(caller.tenant, conversation, revision(&mut tx, conversation).await?));
    }
    let contact = get::get(&mut tx, path.contact_id).await?;
    let answer = request.finish(&mut tx, StatusCode::OK, &contact).await?;
    tx.commit().await?;
    live::publish(&brain.redis, &events).await;
    Ok(answer)
}
