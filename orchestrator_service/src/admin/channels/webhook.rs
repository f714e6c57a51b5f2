//! The webhook of a channel at YCloud: mending it, and having a new secret made for it.

use super::ChannelPath;
use super::outside::{EnsureError, ensure_webhook, expect_ycloud, found, keep_endpoint, own_key};
use super::view::ChannelView;
use crate::admin::api_error::{ApiError, ProblemCode};
use crate::admin::etag::Versioned;
use crate::admin::extract::Path;
use crate::admin::guard::Awake;
use crate::admin::language::Reads;
use crate::auth::TenantCaller;
use crate::channels::store::Channel;
use crate::channels::ycloud::YCloud;
use crate::state::Brain;

const NO_KEY: ApiError = ApiError::Conflict(ProblemCode::WrongState, "the channel has no key of its own; enter one first");
const NO_ENDPOINT: ApiError =
    ApiError::Conflict(ProblemCode::WrongState, "no endpoint at YCloud was made for this channel; repair the webhook first");

/// Make sure that YCloud calls us about a channel
///
/// Finds, mends or makes the endpoint of the channel's own URL, and keeps its secret. Safe to repeat.
#[utoipa::path(post, path = "/tenants/{tenant_id}/channels/{channel_id}/webhook", tag = "channels",
    operation_id = "channels_repair_webhook", params(("channel_id" = uuid::Uuid, Path)),
    responses((status = 200, body = ChannelView, headers(("ETag" = String)))))]
pub(super) async fn repair(
    Awake(brain): Awake,
    caller: TenantCaller,
    Reads(language): Reads,
    Path(path): Path<ChannelPath>,
) -> Result<Versioned<ChannelView>, ApiError> {
    let (channel, key) = with_key(&brain, &caller, &path).await?;
    ensure_webhook(&brain, &caller, &channel, &key).await.map_err(|error| error.into_api(language))?;
    shown(&brain, &caller, &path, language).await
}

/// Have YCloud make a new secret for the webhook of a channel
///
/// The one before stays good for events that are on their way. Should we be interrupted between YCloud's answer and our
/// note of it, `POST …/webhook` reads the new secret again.
#[utoipa::path(post, path = "/tenants/{tenant_id}/channels/{channel_id}/webhook/rotate", tag = "channels",
    operation_id = "channels_rotate_webhook", params(("channel_id" = uuid::Uuid, Path)),
    responses((status = 200, body = ChannelView, headers(("ETag" = String)))))]
pub(super) async fn rotate(
    Awake(brain): Awake,
    caller: TenantCaller,
    Reads(language): Reads,
    Path(path): Path<ChannelPath>,
) -> Result<Versioned<ChannelView>, ApiError> {
    let (channel, key) = with_key(&brain, &caller, &path).await?;
    let id = channel.webhook_id.as_deref().ok_or(NO_ENDPOINT)?;
    let rotated = async { YCloud::new(&brain.outside, &key)?.rotate_secret(id).await }.await;
    let endpoint = rotated.map_err(|finding| EnsureError::Outside(finding).into_api(language))?;
    keep_endpoint(&brain, &caller, &channel, &endpoint).await?;
    shown(&brain, &caller, &path, language).await
}

async fn with_key(
    brain: &Brain,
    caller: &TenantCaller,
    path: &ChannelPath,
) -> Result<(Channel, secrecy::SecretString), ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let channel = found(&mut tx, path.channel_id).await?;
    expect_ycloud(&channel)?;
    let key = own_key(&mut tx, brain, channel.id).await?.ok_or(NO_KEY)?;
    Ok((channel, key))
}

async fn shown(
    brain: &Brain,
    caller: &TenantCaller,
    path: &ChannelPath,
    language: crate::phrases::Language,
) -> Result<Versioned<ChannelView>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let channel = found(&mut tx, path.channel_id).await?;
    Ok(ChannelView::new(channel, language, caller, brain).versioned())
}
