//! Makes, changes and deletes templates. The change stands here at once and a job tells the provider, which reviews it.

use axum::http::StatusCode;
use nexus_core::ids::ChannelId;
use nexus_core::wake::Topic;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{TemplatePath, versioned};
use crate::admin::api_error::{ApiError, FieldCode};
use crate::admin::audit::{self, Change, NOTHING};
use crate::admin::etag::{IfMatch, Versioned};
use crate::admin::extract::{FieldErrors, Json, Path, Validate};
use crate::admin::guard::Awake;
use crate::admin::idempotency::{Answer, Begun, Idempotent};
use crate::auth::TenantCaller;
use crate::templates::definition::mistakes;
use crate::templates::store::{self, NewTemplate};
use crate::templates::{Category, Template, jobs};

/// Larger definitions are not templates.
const MOST_BYTES: usize = 32 * 1024;

/// A new template.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateTemplate {
    /// On which channel.
    #[schema(value_type = Uuid)]
    channel_id: ChannelId,
    /// Small letters, digits and underscores, at most 512.
    #[schema(pattern = "^[a-z0-9_]{1,512}$")]
    name: String,
    /// As WhatsApp spells it, such as es_AR.
    #[schema(pattern = "^[a-z]{2,3}(_[A-Z]{2})?$")]
    language: String,
    /// What it is for.
    category: Category,
    /// HEADER, BODY, FOOTER and BUTTONS as WhatsApp defines them, with examples.
    #[schema(value_type = Vec<Object>)]
    components: Vec<Value>,
}

impl Validate for CreateTemplate {
    fn validate(&self, found: &mut FieldErrors) {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let is_name = (1..=512).contains(&self.name.len()) && self.name.chars().all(is_plain);
        found.expect(is_name, "name", FieldCode::Invalid, "small letters, digits and underscores, at most 512");
        found.expect(is_language(&self.language), "language", FieldCode::Invalid, "such as es_AR, pt_BR or en");
        check_components(&self.components, found);
    }
}

/// Another definition.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeTemplate {
    /// The whole definition; it replaces the one there is.
    #[schema(value_type = Vec<Object>)]
    components: Vec<Value>,
}

impl Validate for ChangeTemplate {
    fn validate(&self, found: &mut FieldErrors) {
        check_components(&self.components, found);
    }
}

/// Whose templates.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SyncTemplates {
    /// Which channel's.
    #[schema(value_type = Uuid)]
    channel_id: ChannelId,
}

impl Validate for SyncTemplates {}

fn is_language(language: &str) -> bool {
    let (tongue, country) = language.split_once('_').map_or((language, None), |(tongue, country)| (tongue, Some(country)));
    let is_tongue = (2..=3).contains(&tongue.len()) && tongue.chars().all(|c| c.is_ascii_lowercase());
    is_tongue && country.is_none_or(|country| country.len() == 2 && country.chars().all(|c| c.is_ascii_uppercase()))
}

fn check_components(components: &[Value], found: &mut FieldErrors) {
    let size = serde_json::to_vec(components).map_or(usize::MAX, |bytes| bytes.len());
    found.expect(size <= MOST_BYTES, "components", FieldCode::TooLong, "must have at most 32768 bytes");
    for (field, why) in mistakes(components) {
        found.add(&field, FieldCode::Invalid, why);
    }
}

/// Make a template
///
/// A job submits it; `status` is `unsubmitted` until the provider has taken it, and `change_error` says why it did not.
#[utoipa::path(post, path = "/tenants/{tenant_id}/templates", tag = "templates", operation_id = "templates_create",
    params(("Idempotency-Key" = Option<String>, Header)), request_body = CreateTemplate,
    responses((status = 201, body = Template)))]
pub(super) async fn create(
    Awake(brain): Awake,
    caller: TenantCaller,
    Idempotent { body, request }: Idempotent<CreateTemplate>,
) -> Result<Answer, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    if let Begun::Done(answer) = request.begin(&mut tx).await? {
        return Ok(answer);
    }
    let new = NewTemplate {
        channel: body.channel_id,
        name: &body.name,
        language: &body.language,
        category: body.category,
        components: &Value::Array(body.components),
    };
    let made = store::create(&mut tx, &new).await?;
    jobs::queue_push(&mut tx, made.id, made.revision).await?;
    let change = Change { action: "template.created", object_kind: "template", object_id: Some(made.id) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (NOTHING, Some(&made))).await?;
    let answer = request.finish(&mut tx, StatusCode::CREATED, &made).await?;
    tx.commit().await?;
    brain.redis.wake(Topic::Jobs).await;
    Ok(answer)
}

/// Change a template
///
/// WhatsApp reviews it again; until then it may not be sent.
#[utoipa::path(put, path = "/tenants/{tenant_id}/templates/{template_id}", tag = "templates", operation_id = "templates_update",
    params(("template_id" = uuid::Uuid, Path), ("If-Match" = String, Header)), request_body = ChangeTemplate,
    responses((status = 200, body = Template, headers(("ETag" = String)))))]
pub(super) async fn update(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<TemplatePath>,
    if_match: IfMatch,
    Json(body): Json<ChangeTemplate>,
) -> Result<Versioned<Template>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let before = store::lock(&mut tx, path.template_id).await?;
    if_match.check(&versioned(before.clone()))?;
    let after = store::change(&mut tx, &before, &Value::Array(body.components)).await?;
    jobs::queue_push(&mut tx, after.id, after.revision).await?;
    let change = Change { action: "template.changed", object_kind: "template", object_id: Some(after.id) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (Some(&before), Some(&after))).await?;
    tx.commit().await?;
    brain.redis.wake(Topic::Jobs).await;
    Ok(versioned(after))
}

/// Delete a template
///
/// A job tells the provider, and only then it is gone.
#[utoipa::path(delete, path = "/tenants/{tenant_id}/templates/{template_id}", tag = "templates",
    operation_id = "templates_delete", params(("template_id" = uuid::Uuid, Path)), responses((status = 204)))]
pub(super) async fn delete(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<TemplatePath>,
) -> Result<StatusCode, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let before = store::lock(&mut tx, path.template_id).await?;
    if store::delete(&mut tx, &before).await? {
        jobs::queue_push(&mut tx, before.id, before.revision + 1).await?;
    }
    let change = Change { action: "template.deleted", object_kind: "template", object_id: Some(before.id) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (Some(&before), NOTHING)).await?;
    tx.commit().await?;
    brain.redis.wake(Topic::Jobs).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Read a channel's templates from the provider
///
/// A job does it, and once a day by itself; the screens hear `template.status`.
#[utoipa::path(post, path = "/tenants/{tenant_id}/template-syncs", tag = "templates", operation_id = "templates_sync",
    request_body = SyncTemplates, responses((status = 202)))]
pub(super) async fn sync(
    Awake(brain): Awake,
    caller: TenantCaller,
    Json(body): Json<SyncTemplates>,
) -> Result<StatusCode, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let is_there: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM channels WHERE tenant_id = $1 AND id = $2 AND provider = 'ycloud')")
            .bind(caller.tenant)
            .bind(body.channel_id)
            .fetch_one(&mut *tx)
            .await?;
    if !is_there {
        return Err(ApiError::field("channel_id", FieldCode::Invalid, "is not a channel of this business that has templates"));
    }
    jobs::ask_for_sync(&mut tx, caller.tenant, body.channel_id).await?;
    tx.commit().await?;
    brain.redis.wake(Topic::Jobs).await;
    Ok(StatusCode::ACCEPTED)
}
