//! Canned replies: `/tenants/{tenant_id}/canned-replies`.

use axum::http::StatusCode;
use serde::Deserialize;
use uuid::Uuid;

use crate::admin::api_error::ApiError;
use crate::admin::audit::{self, Change, NOTHING};
use crate::admin::etag::{ETag, IfMatch, Versioned};
use crate::admin::extract::{Json, Path, Validate};
use crate::admin::guard::Awake;
use crate::admin::idempotency::{Answer, Begun, Idempotent};
use crate::admin::page::{Page, Paging};
use crate::auth::TenantCaller;
use crate::inbox::canned_replies::{self, CannedReply, CannedReplyFields};

impl Validate for CannedReplyFields {}

/// Which canned reply.
#[derive(Debug, Deserialize)]
pub(super) struct CannedReplyPath {
    pub(super) canned_reply_id: Uuid,
}

/// All of them, by shortcut
#[utoipa::path(get, path = "/tenants/{tenant_id}/canned-replies", tag = "canned-replies", operation_id = "canned_replies_list",
    params(Paging), responses((status = 200, body = Page<CannedReply>)))]
pub(super) async fn list(
    Awake(brain): Awake,
    caller: TenantCaller,
    paging: Paging,
) -> Result<axum::Json<Page<CannedReply>>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let rows = canned_replies::list(&mut tx, paging.after::<String>()?.as_deref(), paging.fetch()).await?;
    Ok(axum::Json(Page::cut(rows, &paging, |row| row.shortcut.clone())))
}

/// Make a canned reply
#[utoipa::path(post, path = "/tenants/{tenant_id}/canned-replies", tag = "canned-replies", operation_id = "canned_replies_create",
    params(("Idempotency-Key" = Option<String>, Header)), request_body = CannedReplyFields, responses((status = 201, body = CannedReply)))]
pub(super) async fn create(
    Awake(brain): Awake,
    caller: TenantCaller,
    Idempotent { body, request }: Idempotent<CannedReplyFields>,
) -> Result<Answer, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    if let Begun::Done(answer) = request.begin(&mut tx).await? {
        return Ok(answer);
    }
    let made = canned_replies::create(&mut tx, &body).await?;
    let change = Change { action: "canned_reply.created", object_kind: "canned_reply", object_id: Some(made.id) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (NOTHING, Some(&made))).await?;
    let answer = request.finish(&mut tx, StatusCode::CREATED, &made).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Change a canned reply
#[utoipa::path(put, path = "/tenants/{tenant_id}/canned-replies/{canned_reply_id}", tag = "canned-replies", operation_id = "canned_replies_update",
    params(("canned_reply_id" = Uuid, Path), ("If-Match" = String, Header)), request_body = CannedReplyFields,
    responses((status = 200, body = CannedReply, headers(("ETag" = String)))))]
pub(super) async fn update(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<CannedReplyPath>,
    if_match: IfMatch,
    Json(body): Json<CannedReplyFields>,
) -> Result<Versioned<CannedReply>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let before = canned_replies::lock(&mut tx, path.canned_reply_id).await?;
    if_match.check(&versioned(before.clone()))?;
    let after = canned_replies::update(&mut tx, before.id, &body).await?;
    let change = Change { action: "canned_reply.changed", object_kind: "canned_reply", object_id: Some(after.id) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (Some(&before), Some(&after))).await?;
    tx.commit().await?;
    Ok(versioned(after))
}

/// Delete a canned reply
#[utoipa::path(delete, path = "/tenants/{tenant_id}/canned-replies/{canned_reply_id}", tag = "canned-replies", operation_id = "canned_replies_delete",
    params(("canned_reply_id" = Uuid, Path)), responses((status = 204)))]
pub(super) async fn delete(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<CannedReplyPath>,
) -> Result<StatusCode, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let before = canned_replies::lock(&mut tx, path.canned_reply_id).await?;
    canned_replies::delete(&mut tx, before.id).await?;
    let change = Change { action: "canned_reply.deleted", object_kind: "canned_reply", object_id: Some(before.id) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (Some(&before), NOTHING)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn versioned(row: CannedReply) -> Versioned<CannedReply> {
    Versioned(ETag::of_revision(row.revision), row)
}
