//! The devices one is signed in on.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::admin::api_error::ApiError;
use crate::admin::extract::Path;
use crate::admin::guard::Awake;
use crate::admin::page::{Page, Paging};
use crate::auth::{SessionId, SignedIn, session};

/// A device.
#[derive(Debug, Serialize, ToSchema, sqlx::FromRow)]
pub(in crate::admin) struct Device {
    /// Which.
    id: SessionId,
    /// What the browser calls itself.
    user_agent: String,
    /// Where it signed in from.
    address: String,
    /// When it signed in.
    created_at: DateTime<Utc>,
    /// When it was last used, give or take a minute.
    last_seen_at: DateTime<Utc>,
    /// Whether it is the one that asks.
    is_this: bool,
}

/// My devices, newest first
#[utoipa::path(get, path = "/me/sessions", tag = "me", operation_id = "sessions_list", params(Paging),
    responses((status = 200, body = Page<Device>)))]
pub(super) async fn list(Awake(brain): Awake, me: SignedIn, paging: Paging) -> Result<axum::Json<Page<Device>>, ApiError> {
    let devices: Vec<Device> = sqlx::query_as(
        "SELECT id, user_agent, address, created_at, last_seen_at, id IS NOT DISTINCT FROM $2 AS is_this FROM sessions
         WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now() AND ($3::uuid IS NULL OR id < $3)
         ORDER BY id DESC LIMIT $4",
    )
    .bind(me.user)
    .bind(me.session)
    .bind(paging.after::<Uuid>()?)
    .bind(paging.fetch())
    .fetch_all(brain.db.pool())
    .await?;
    Ok(axum::Json(Page::cut(devices, &paging, |device| device.id)))
}

#[derive(Debug, Deserialize)]
pub(super) struct DevicePath {
    session_id: SessionId,
}

/// Sign one of my devices out
#[utoipa::path(delete, path = "/me/sessions/{session_id}", tag = "me", operation_id = "sessions_revoke",
    params(("session_id" = Uuid, Path)), responses((status = 204)))]
pub(super) async fn revoke(Awake(brain): Awake, me: SignedIn, Path(path): Path<DevicePath>) -> Result<StatusCode, ApiError> {
    let mut conn = brain.db.pool().acquire().await?;
    if session::revoke(&mut conn, me.user, path.session_id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::NotFound("session"))
    }
}
