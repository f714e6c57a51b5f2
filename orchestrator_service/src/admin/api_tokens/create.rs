//! Making a key.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::admin::api_error::{ApiError, FieldCode};
use crate::admin::audit::{self, Change};
use crate::admin::extract::{FieldErrors, Json, Validate};
use crate::admin::guard::Awake;
use crate::auth::token::NewToken;
use crate::auth::{ApiTokenId, Permission, TenantCaller};

/// A key to be made.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct NewApiToken {
    /// What it is for.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    name: String,
    /// The permissions it carries; none that would let it make keys or let people in.
    #[schema(min_items = 1)]
    scopes: Vec<Permission>,
    /// Until when it is good; absent: until it is taken back.
    expires_at: Option<DateTime<Utc>>,
}

impl Validate for NewApiToken {
    fn validate(&self, found: &mut FieldErrors) {
        found.text("name", &self.name, 200);
        found.expect(!self.scopes.is_empty(), "scopes", FieldCode::Missing, "must name at least one permission");
        for (index, scope) in self.scopes.iter().enumerate() {
            let field = format!("scopes[{index}]");
            found.expect(scope.is_for_tokens(), &field, FieldCode::Invalid, "is not for programs");
        }
        let is_ahead = self.expires_at.is_none_or(|at| at > Utc::now());
        found.expect(is_ahead, "expires_at", FieldCode::OutOfRange, "must be in the future");
    }
}

/// A key that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct CreatedApiToken {
    /// Which.
    id: ApiTokenId,
    /// The key. It is not shown again.
    token: String,
}

/// Make a key for a program
#[utoipa::path(post, path = "/tenants/{tenant_id}/api-tokens", tag = "api tokens", operation_id = "api_tokens_create",
    request_body = NewApiToken, responses((status = 201, body = CreatedApiToken)))]
pub(super) async fn create(
    Awake(brain): Awake,
    caller: TenantCaller,
    Json(new): Json<NewApiToken>,
) -> Result<(StatusCode, axum::Json<CreatedApiToken>), ApiError> {
    let (id, token) = (ApiTokenId::new(), NewToken::mint("nxt_"));
    let scopes: Vec<&str> = new.scopes.iter().map(|scope| scope.as_str()).collect();
    let mut tx = brain.db.tenant(caller.tenant).await?;
    sqlx::query(
        "INSERT INTO api_tokens (tenant_id, id, name, token_hash, scopes, created_by, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(caller.tenant)
    .bind(id)
    .bind(new.name.trim())
    .bind(&token.hash)
    .bind(scopes)
    .bind(caller.caller.user())
    .bind(new.expires_at)
    .execute(&mut *tx)
    .await?;
    let created = Change { action: "api_token.created", object_kind: "api_token", object_id: Some(id.0) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, created, (audit::NOTHING, Some(&new))).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, axum::Json(CreatedApiToken { id, token: token.text.expose_secret().to_owned() })))
}
