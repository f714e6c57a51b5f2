//! What templates there are, and how one reads when it is filled in.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{TemplatePath, versioned};
use crate::admin::api_error::ApiError;
use crate::admin::etag::Versioned;
use crate::admin::extract::{FieldErrors, Json, Path, Query, Validate};
use crate::admin::guard::Awake;
use crate::admin::page::{Page, Paging};
use crate::auth::TenantCaller;
use crate::inbox::InboxError;
use crate::templates::Template;
use crate::templates::definition::Definition;
use crate::templates::fill::{Parameters, Preview, fill};
use crate::templates::store::{self, Filter, Key};

/// What narrows the list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TemplatesQuery {
    /// Only this channel's.
    channel_id: Option<Uuid>,
    /// Only in this status, such as approved.
    status: Option<String>,
    /// Only whose name begins like this.
    name: Option<String>,
}

impl Validate for TemplatesQuery {
    fn validate(&self, found: &mut FieldErrors) {
        found.longest("name", self.name.as_deref().unwrap_or_default(), 512);
        found.longest("status", self.status.as_deref().unwrap_or_default(), 40);
    }
}

/// What is filled in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviewTemplate {
    /// Its values; they must match its definition.
    #[serde(default)]
    parameters: Parameters,
}

impl Validate for PreviewTemplate {}

/// Templates by name
#[utoipa::path(get, path = "/tenants/{tenant_id}/templates", tag = "templates", operation_id = "templates_list",
    params(Paging, TemplatesQuery), responses((status = 200, body = Page<Template>)))]
pub(super) async fn list(
    Awake(brain): Awake,
    caller: TenantCaller,
    paging: Paging,
    Query(query): Query<TemplatesQuery>,
) -> Result<axum::Json<Page<Template>>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let filter = Filter { channel: query.channel_id, status: query.status, name: query.name };
    let rows = store::list(&mut tx, &filter, paging.after::<Key>()?, paging.fetch()).await?;
    Ok(axum::Json(Page::cut(rows, &paging, |row| (row.name.clone(), row.language.clone(), row.id))))
}

/// One template
#[utoipa::path(get, path = "/tenants/{tenant_id}/templates/{template_id}", tag = "templates", operation_id = "templates_get",
    params(("template_id" = Uuid, Path)), responses((status = 200, body = Template, headers(("ETag" = String)))))]
pub(super) async fn get(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<TemplatePath>,
) -> Result<Versioned<Template>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    Ok(versioned(store::lock(&mut tx, path.template_id).await?))
}

/// A template as the contact will read it
///
/// Refused with the fields that do not match its definition, as sending would be.
#[utoipa::path(post, path = "/tenants/{tenant_id}/templates/{template_id}/preview", tag = "templates",
    operation_id = "templates_preview", params(("template_id" = Uuid, Path)), request_body = PreviewTemplate,
    responses((status = 200, body = Preview)))]
pub(super) async fn preview(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<TemplatePath>,
    Json(body): Json<PreviewTemplate>,
) -> Result<axum::Json<Preview>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let template = store::lock(&mut tx, path.template_id).await?;
    let filled = fill(&Definition::read(&template.components), &body.parameters).map_err(InboxError::InvalidFields)?;
    Ok(axum::Json(filled.preview))
}
