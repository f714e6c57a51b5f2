//! Editing what people decide about a channel.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::ChannelPath;
use super::connect::LONGEST_NAME;
use super::outside::{found, record};
use super::view::ChannelView;
use crate::admin::api_error::{ApiError, FieldCode};
use crate::admin::etag::{IfMatch, Versioned};
use crate::admin::extract::{FieldErrors, Json, Path, Validate, present};
use crate::admin::guard::Awake;
use crate::admin::language::Reads;
use crate::auth::TenantCaller;
use crate::channels::store;

/// The fields to change; absent ones stay.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ChannelChange {
    /// What the business calls it.
    #[schema(min_length = 1, max_length = 100, pattern = r"\S")]
    display_name: Option<String>,
    /// Who answers on it; null: nobody but people.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<Uuid>)]
    assistant_id: Option<Option<Uuid>>,
    /// Whether messages are marked as read while the assistant writes.
    marks_read: Option<bool>,
}

impl Validate for ChannelChange {
    fn validate(&self, found: &mut FieldErrors) {
        if let Some(name) = &self.display_name {
            found.text("display_name", name, LONGEST_NAME);
        }
    }
}

/// Change a channel
#[utoipa::path(patch, path = "/tenants/{tenant_id}/channels/{channel_id}", tag = "channels", operation_id = "channels_edit",
    params(("channel_id" = Uuid, Path), ("If-Match" = String, Header, description = "The ETag that was edited.")),
    request_body = ChannelChange, responses((status = 200, body = ChannelView, headers(("ETag" = String)))))]
pub(super) async fn edit(
    Awake(brain): Awake,
    caller: TenantCaller,
    Reads(language): Reads,
    Path(path): Path<ChannelPath>,
    if_match: IfMatch,
    Json(change): Json<ChannelChange>,
) -> Result<Versioned<ChannelView>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let before = store::lock(&mut tx, path.channel_id).await?.ok_or(ApiError::NotFound("channel"))?;
    if_match.check(&ChannelView::new(before.clone(), language, &caller, &brain).versioned())?;
    let assistant = change.assistant_id.unwrap_or(before.assistant_id);
    if let Some(Some(new)) = change.assistant_id
        && !store::has_assistant(&mut tx, new).await?
    {
        return Err(ApiError::field("assistant_id", FieldCode::Invalid, "there is no such assistant"));
    }
    let name = change.display_name.as_deref().map_or(before.display_name.as_str(), str::trim);
    store::edit(&mut tx, before.id, (name, assistant, change.marks_read.unwrap_or(before.marks_read))).await?;
    let after = found(&mut tx, before.id).await?;
    record(&mut tx, &caller, "channel.changed", (Some(&before), Some(&after))).await?;
    tx.commit().await?;
    Ok(ChannelView::new(after, language, &caller, &brain).versioned())
}
