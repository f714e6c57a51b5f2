//! What happened to a conversation between its messages.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::ConversationPath;
use crate::admin::api_error::ApiError;
use crate::admin::extract::Path;
use crate::admin::guard::Awake;
use crate::admin::page::{Page, Paging};
use crate::auth::TenantCaller;
use crate::inbox::conversations::events::{ThreadEvent, list as list_rows};

/// What happened, newest first
#[utoipa::path(get, path = "/tenants/{tenant_id}/conversations/{conversation_id}/events", tag = "conversations",
    operation_id = "conversations_events", params(("conversation_id" = Uuid, Path), Paging),
    responses((status = 200, body = Page<ThreadEvent>)))]
pub(super) async fn list(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ConversationPath>,
    paging: Paging,
) -> Result<axum::Json<Page<ThreadEvent>>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let before = paging.after::<(DateTime<Utc>, Uuid)>()?;
    let rows = list_rows(&mut tx, path.conversation_id, before, paging.fetch()).await?;
    Ok(axum::Json(Page::cut(rows, &paging, |event| (event.at, event.id))))
}
