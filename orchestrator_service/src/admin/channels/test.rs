//! Testing: really asks the provider.

use super::ChannelPath;
use super::outside::{expect_ycloud, found, own_key};
use crate::admin::api_error::ApiError;
use crate::admin::extract::Path;
use crate::admin::guard::Awake;
use crate::admin::language::Reads;
use crate::admin::tested::TestAnswer;
use crate::auth::TenantCaller;
use crate::channels::{check, store};

/// Test a channel
///
/// Asks the provider for at most ten seconds whether the key is valid, the number connected and the webhook active; says
/// step by step what was found, and keeps the result.
#[utoipa::path(post, path = "/tenants/{tenant_id}/channels/{channel_id}/test", tag = "channels", operation_id = "channels_test",
    params(("channel_id" = uuid::Uuid, Path)), responses((status = 200, body = TestAnswer)))]
pub(super) async fn test(
    Awake(brain): Awake,
    caller: TenantCaller,
    Reads(language): Reads,
    Path(path): Path<ChannelPath>,
) -> Result<axum::Json<TestAnswer>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let channel = found(&mut tx, path.channel_id).await?;
    expect_ycloud(&channel)?;
    let own = own_key(&mut tx, &brain, channel.id).await?;
    tx.commit().await?;
    let key = own.as_ref().or(brain.outside.ycloud_api_key.as_ref());
    let report = check::check(&brain.outside, &channel, key).await;
    let mut tx = brain.db.tenant(caller.tenant).await?;
    store::report(&mut tx, channel.id, channel.revision, &report).await?;
    tx.commit().await?;
    Ok(axum::Json(TestAnswer::new(&report.tested, language)))
}
