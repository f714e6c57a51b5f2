//! Disconnecting. What was said stays; the secrets are forgotten, and the number is free.

use axum::http::StatusCode;

use super::ChannelPath;
use super::outside::{own_key, record};
use super::view::ChannelView;
use crate::admin::api_error::ApiError;
use crate::admin::etag::IfMatch;
use crate::admin::extract::Path;
use crate::admin::guard::Awake;
use crate::admin::language::Reads;
use crate::auth::TenantCaller;
use crate::channels::ycloud::YCloud;
use crate::channels::{secrets, store};

/// Disconnect a channel
///
/// The endpoint at YCloud is removed too if we made it. Messages that wait to be sent fail and are shown.
#[utoipa::path(delete, path = "/tenants/{tenant_id}/channels/{channel_id}", tag = "channels",
    operation_id = "channels_disconnect", responses((status = 204)),
    params(("channel_id" = uuid::Uuid, Path), ("If-Match" = String, Header, description = "The ETag that was seen.")))]
pub(super) async fn disconnect(
    Awake(brain): Awake,
    caller: TenantCaller,
    Reads(language): Reads,
    Path(path): Path<ChannelPath>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let before = store::lock(&mut tx, path.channel_id).await?.ok_or(ApiError::NotFound("channel"))?;
    if_match.check(&ChannelView::new(before.clone(), language, &caller, &brain).versioned())?;
    let key = own_key(&mut tx, &brain, before.id).await?;
    store::disconnect(&mut tx, before.id).await?;
    secrets::forget(&mut tx, before.id).await?;
    record(&mut tx, &caller, "channel.disconnected", (Some(&before), None)).await?;
    tx.commit().await?;
    if let (Some(key), Some(id)) = (&key, &before.webhook_id) {
        let deleted = async { YCloud::new(&brain.outside, key)?.delete_endpoint(id).await }.await;
        if let Err(finding) = deleted {
            // Its events are for nobody now and are refused; YCloud stops by itself.
            tracing::warn!(tenant_id = %caller.tenant, channel_id = %before.id, ?finding, "an endpoint at YCloud was left behind");
        }
    }
    Ok(StatusCode::NO_CONTENT)
}
