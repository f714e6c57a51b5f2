//! Labels: `/tenants/{tenant_id}/labels`.

use axum::http::StatusCode;
use serde::Deserialize;
use uuid::Uuid;

use crate::admin::api_error::ApiError;
use crate::admin::audit::{self, Change, NOTHING};
use crate::admin::etag::{ETag, IfMatch, Versioned};
use crate::admin::extract::{Json, Path, Validate};
use crate::admin::guard::Awake;
use crate::admin::idempotency::{Answer, Begun, Idempotent};
use crate::auth::TenantCaller;
use crate::inbox::labels::{self, Label, LabelFields};

impl Validate for LabelFields {}

/// Which label.
#[derive(Debug, Deserialize)]
pub(super) struct LabelPath {
    label_id: Uuid,
}

/// All of them, by name
#[utoipa::path(get, path = "/tenants/{tenant_id}/labels", tag = "labels", operation_id = "labels_list",
    responses((status = 200, body = Vec<Label>)))]
pub(super) async fn list(Awake(brain): Awake, caller: TenantCaller) -> Result<axum::Json<Vec<Label>>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    Ok(axum::Json(labels::list(&mut tx).await?))
}

/// Make a label
#[utoipa::path(post, path = "/tenants/{tenant_id}/labels", tag = "labels", operation_id = "labels_create",
    params(("Idempotency-Key" = Option<String>, Header)), request_body = LabelFields, responses((status = 201, body = Label)))]
pub(super) async fn create(
    Awake(brain): Awake,
    caller: TenantCaller,
    Idempotent { body, request }: Idempotent<LabelFields>,
) -> Result<Answer, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    if let Begun::Done(answer) = request.begin(&mut tx).await? {
        return Ok(answer);
    }
    let made = labels::create(&mut tx, &body).await?;
    let change = Change { action: "label.created", object_kind: "label", object_id: Some(made.id) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (NOTHING, Some(&made))).await?;
    let answer = request.finish(&mut tx, StatusCode::CREATED, &made).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Change a label
#[utoipa::path(put, path = "/tenants/{tenant_id}/labels/{label_id}", tag = "labels", operation_id = "labels_update",
    params(("label_id" = Uuid, Path), ("If-Match" = String, Header)), request_body = LabelFields,
    responses((status = 200, body = Label, headers(("ETag" = String)))))]
pub(super) async fn update(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<LabelPath>,
    if_match: IfMatch,
    Json(body): Json<LabelFields>,
) -> Result<Versioned<Label>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let before = labels::lock(&mut tx, path.label_id).await?;
    if_match.check(&versioned(before.clone()))?;
    let after = labels::update(&mut tx, &before, &body).await?;
    let change = Change { action: "label.changed", object_kind: "label", object_id: Some(after.id) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (Some(&before), Some(&after))).await?;
    tx.commit().await?;
    Ok(versioned(after))
}

/// Delete a label
#[utoipa::path(delete, path = "/tenants/{tenant_id}/labels/{label_id}", tag = "labels", operation_id = "labels_delete",
    params(("label_id" = Uuid, Path)), responses((status = 204)))]
pub(super) async fn delete(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<LabelPath>,
) -> Result<StatusCode, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let before = labels::lock(&mut tx, path.label_id).await?;
    labels::delete(&mut tx, &before).await?;
    let change = Change { action: "label.deleted", object_kind: "label", object_id: Some(before.id) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (Some(&before), NOTHING)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn versioned(row: Label) -> Versioned<Label> {
    Versioned(ETag::of_revision(row.revision), row)
}
