//! Where the caller was named in a note.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::person;
use crate::admin::api_error::{ApiError, Problem};
use crate::admin::extract::{Path, Query, Validate};
use crate::admin::guard::Awake;
use crate::admin::page::{Page, Paging};
use crate::auth::TenantCaller;
use crate::inbox::conversations::mentions::{self, Mention};

/// Which of them.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct MentionsQuery {
    /// Only those the caller has not seen.
    #[serde(default)]
    unseen: bool,
}

impl Validate for MentionsQuery {}

/// Which note.
#[derive(Debug, Deserialize)]
pub(super) struct MentionPath {
    note_id: Uuid,
}

/// Notes that name the caller, newest first
#[utoipa::path(get, path = "/tenants/{tenant_id}/mentions", tag = "conversations", operation_id = "mentions_list",
    params(Paging, MentionsQuery), responses((status = 200, body = Page<Mention>),
        (status = 409, description = "A program has none.", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn list(
    Awake(brain): Awake,
    caller: TenantCaller,
    paging: Paging,
    Query(query): Query<MentionsQuery>,
) -> Result<axum::Json<Page<Mention>>, ApiError> {
    let user = person(&caller)?;
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let before = paging.after::<(DateTime<Utc>, Uuid)>()?;
    let rows = mentions::list(&mut tx, user, query.unseen, before, paging.fetch()).await?;
    Ok(axum::Json(Page::cut(rows, &paging, |mention| (mention.note.created_at, mention.note.id))))
}

/// Say that one has seen a note
#[utoipa::path(post, path = "/tenants/{tenant_id}/mentions/{note_id}/seen", tag = "conversations",
    operation_id = "mentions_mark_seen", params(("note_id" = Uuid, Path)), responses((status = 204)))]
pub(super) async fn mark_seen(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<MentionPath>,
) -> Result<StatusCode, ApiError> {
    let user = person(&caller)?;
    let mut tx = brain.db.tenant(caller.tenant).await?;
    mentions::mark_seen(&mut tx, user, path.note_id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
