//! One's own views: `/tenants/{tenant_id}/saved-views`. Not worth a line in the audit log.

use axum::http::StatusCode;
use serde::Deserialize;
use uuid::Uuid;

use crate::admin::api_error::{ApiError, FieldCode, Problem};
use crate::admin::conversations::person;
use crate::admin::etag::{ETag, IfMatch, Versioned};
use crate::admin::extract::{FieldErrors, Json, Path, Validate};
use crate::admin::guard::Awake;
use crate::admin::idempotency::{Answer, Begun, Idempotent};
use crate::auth::TenantCaller;
use crate::inbox::conversations::filter::LONGEST_SEARCH;
use crate::inbox::saved_views::{self, SavedView, SavedViewFields};

impl Validate for SavedViewFields {
    fn validate(&self, found: &mut FieldErrors) {
        found.text("name", &self.name, 60);
        let search = self.filter.q.as_ref().map_or(0, String::len);
        found.expect(search <= LONGEST_SEARCH, "filter.q", FieldCode::TooLong, "must have at most 20000 bytes");
        found.range("filter.satisfaction_at_most", self.filter.satisfaction_at_most.map(i32::from), 1..=5);
    }
}

/// Which view.
#[derive(Debug, Deserialize)]
pub(super) struct SavedViewPath {
    saved_view_id: Uuid,
}

/// One's own views, by name
#[utoipa::path(get, path = "/tenants/{tenant_id}/saved-views", tag = "saved-views", operation_id = "saved_views_list",
    responses((status = 200, body = Vec<SavedView>),
        (status = 409, description = "A program has none.", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn list(Awake(brain): Awake, caller: TenantCaller) -> Result<axum::Json<Vec<SavedView>>, ApiError> {
    let user = person(&caller)?;
    let mut tx = brain.db.tenant(caller.tenant).await?;
    Ok(axum::Json(saved_views::list(&mut tx, user).await?))
}

/// Make a view
#[utoipa::path(post, path = "/tenants/{tenant_id}/saved-views", tag = "saved-views", operation_id = "saved_views_create",
    params(("Idempotency-Key" = Option<String>, Header)), request_body = SavedViewFields,
    responses((status = 201, body = SavedView)))]
pub(super) async fn create(
    Awake(brain): Awake,
    caller: TenantCaller,
    Idempotent { body, request }: Idempotent<SavedViewFields>,
) -> Result<Answer, ApiError> {
    let user = person(&caller)?;
    let mut tx = brain.db.tenant(caller.tenant).await?;
    if let Begun::Done(answer) = request.begin(&mut tx).await? {
        return Ok(answer);
    }
    let made = saved_views::create(&mut tx, user, &body).await?;
    let answer = request.finish(&mut tx, StatusCode::CREATED, &made).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Change a view
#[utoipa::path(put, path = "/tenants/{tenant_id}/saved-views/{saved_view_id}", tag = "saved-views",
    operation_id = "saved_views_update", params(("saved_view_id" = Uuid, Path), ("If-Match" = String, Header)),
    request_body = SavedViewFields, responses((status = 200, body = SavedView, headers(("ETag" = String)))))]
pub(super) async fn update(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<SavedViewPath>,
    if_match: IfMatch,
    Json(body): Json<SavedViewFields>,
) -> Result<Versioned<SavedView>, ApiError> {
    let user = person(&caller)?;
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let before = saved_views::lock(&mut tx, user, path.saved_view_id).await?;
    if_match.check(&versioned(before.clone()))?;
    let after = saved_views::update(&mut tx, before.id, &body).await?;
    tx.commit().await?;
    Ok(versioned(after))
}

/// Delete a view
#[utoipa::path(delete, path = "/tenants/{tenant_id}/saved-views/{saved_view_id}", tag = "saved-views",
    operation_id = "saved_views_delete", params(("saved_view_id" = Uuid, Path)), responses((status = 204)))]
pub(super) async fn delete(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<SavedViewPath>,
) -> Result<StatusCode, ApiError> {
    let user = person(&caller)?;
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let before = saved_views::lock(&mut tx, user, path.saved_view_id).await?;
    saved_views::delete(&mut tx, before.id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn versioned(row: SavedView) -> Versioned<SavedView> {
    Versioned(ETag::of_revision(row.revision), row)
}
