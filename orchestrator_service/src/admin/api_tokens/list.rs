//! Which programs have a key, and taking one back.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::admin::api_error::ApiError;
use crate::admin::audit::{self, Change};
use crate::admin::extract::Path;
use crate::admin::guard::Awake;
use crate::admin::page::{Page, Paging};
use crate::auth::{ApiTokenId, TenantCaller};

/// A key, without the key.
#[derive(Debug, Serialize, ToSchema, sqlx::FromRow)]
pub(in crate::admin) struct ApiToken {
    /// Which.
    id: ApiTokenId,
    /// What it is for.
    name: String,
    /// The permissions it carries.
    scopes: Vec<String>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it was last used, give or take a minute.
    last_used_at: Option<DateTime<Utc>>,
    /// Until when it is good.
    expires_at: Option<DateTime<Utc>>,
    /// Since when it is not.
    revoked_at: Option<DateTime<Utc>>,
}

/// Which programs have a key, newest first
#[utoipa::path(get, path = "/tenants/{tenant_id}/api-tokens", tag = "api tokens", operation_id = "api_tokens_list", params(Paging),
    responses((status = 200, body = Page<ApiToken>)))]
pub(super) async fn list(
    Awake(brain): Awake,
    caller: TenantCaller,
    paging: Paging,
) -> Result<axum::Json<Page<ApiToken>>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let tokens: Vec<ApiToken> = sqlx::query_as(
        "SELECT id, name, scopes, created_at, last_used_at, expires_at, revoked_at FROM api_tokens
         WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
    )
    .bind(caller.tenant)
    .bind(paging.after::<Uuid>()?)
    .bind(paging.fetch())
    .fetch_all(&mut *tx)
    .await?;
    Ok(axum::Json(Page::cut(tokens, &paging, |token| token.id)))
}

#[derive(Debug, Deserialize)]
pub(super) struct TokenPath {
    api_token_id: ApiTokenId,
}

/// Take a key back
#[utoipa::path(delete, path = "/tenants/{tenant_id}/api-tokens/{api_token_id}", tag = "api tokens", operation_id = "api_tokens_revoke",
    params(("api_token_id" = Uuid, Path)), responses((status = 204)))]
pub(super) async fn revoke(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<TokenPath>,
) -> Result<StatusCode, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let revoked = sqlx::query("UPDATE api_tokens SET revoked_at = now() WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL")
        .bind(caller.tenant)
        .bind(path.api_token_id)
        .execute(&mut *tx)
        .await?;
    if revoked.rows_affected() == 0 {
        return Err(ApiError::NotFound("API token"));
    }
    let gone = Change { action: "api_token.revoked", object_kind: "api_token", object_id: Some(path.api_token_id.0) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, gone, (audit::NOTHING, audit::NOTHING)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
