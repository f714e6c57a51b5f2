//! Messages that did not arrive.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::admin::api_error::ApiError;
use crate::admin::guard::Awake;
use crate::admin::language::Reads;
use crate::admin::page::{Page, Paging};
use crate::auth::TenantCaller;
use crate::inbox::messages::Message;
use crate::inbox::repairs::sends;

/// Failed and unknown messages that have not been sent again, newest first
#[utoipa::path(get, path = "/tenants/{tenant_id}/failed-messages", tag = "repairs", operation_id = "repairs_failed_messages",
    params(Paging), responses((status = 200, body = Page<Message>)))]
pub(super) async fn list(
    Awake(brain): Awake,
    caller: TenantCaller,
    paging: Paging,
    Reads(language): Reads,
) -> Result<axum::Json<Page<Message>>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let rows = sends::list(&mut tx, paging.after::<(DateTime<Utc>, Uuid)>()?, paging.fetch()).await?;
    Ok(axum::Json(Page::cut(rows, &paging, |row| row.key()).map(|row| row.in_words(language))))
}
