//! The badges of the inbox.

use uuid::Uuid;

use crate::admin::api_error::ApiError;
use crate::admin::guard::Awake;
use crate::auth::TenantCaller;
use crate::inbox::conversations::counts::{Counts, counts as count};

/// How many conversations each view holds
#[utoipa::path(get, path = "/tenants/{tenant_id}/conversation-counts", tag = "conversations",
    operation_id = "conversations_counts", responses((status = 200, body = Counts)))]
pub(super) async fn counts(Awake(brain): Awake, caller: TenantCaller) -> Result<axum::Json<Counts>, ApiError> {
    let me = caller.caller.user().map_or(Uuid::nil(), |user| user.0);
    let mut tx = brain.db.tenant(caller.tenant).await?;
    Ok(axum::Json(count(&mut tx, me).await?))
}
