//! Reading.

use super::ChannelPath;
use super::outside::found;
use super::view::ChannelView;
use crate::admin::api_error::ApiError;
use crate::admin::etag::Versioned;
use crate::admin::extract::Path;
use crate::admin::guard::Awake;
use crate::admin::language::Reads;
use crate::auth::TenantCaller;
use crate::channels::store;

/// Every channel that is connected, oldest first, with its health
#[utoipa::path(get, path = "/tenants/{tenant_id}/channels", tag = "channels", operation_id = "channels_list",
    responses((status = 200, body = Vec<ChannelView>)))]
pub(super) async fn list(
    Awake(brain): Awake,
    caller: TenantCaller,
    Reads(language): Reads,
) -> Result<axum::Json<Vec<ChannelView>>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let channels = store::find(&mut tx, None).await?.into_iter();
    Ok(axum::Json(channels.map(|channel| ChannelView::new(channel, language, &caller, &brain)).collect()))
}

/// One channel with its health
#[utoipa::path(get, path = "/tenants/{tenant_id}/channels/{channel_id}", tag = "channels", operation_id = "channels_get",
    params(("channel_id" = uuid::Uuid, Path)), responses((status = 200, body = ChannelView, headers(("ETag" = String)))))]
pub(super) async fn get(
    Awake(brain): Awake,
    caller: TenantCaller,
    Reads(language): Reads,
    Path(path): Path<ChannelPath>,
) -> Result<Versioned<ChannelView>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let channel = found(&mut tx, path.channel_id).await?;
    Ok(ChannelView::new(channel, language, &caller, &brain).versioned())
}
