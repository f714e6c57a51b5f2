//! `Idempotency-Key`: a request that is sent again is answered again and not done again.
//!
//! The key is claimed in the transaction that does the work, so both are durable or neither is: a failed request leaves
//! no key behind, and a second one that comes at the same time waits for the first.

use axum::body::Bytes;
use axum::extract::{FromRequest, OriginalUri, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use nexus_core::tenancy::TenantTx;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::api_error::ApiError;
use super::extract::{Validate, is_json, read};
use crate::auth::{Caller, TenantCaller};

/// In characters.
pub(super) const LONGEST_KEY: usize = 200;

/// A JSON body that may carry an `Idempotency-Key`.
#[derive(Debug)]
pub struct Idempotent<T> {
    /// The validated body.
    pub body: T,
    /// Gives it to [`Repeatable::begin`].
    pub request: Repeatable,
}

/// A request that may have come before.
#[derive(Clone, Debug)]
pub struct Repeatable {
    key: Option<String>,
    route: String,
    hash: Vec<u8>,
}

/// Whether there is anything left to do.
#[derive(Debug)]
pub enum Begun {
    /// Do it, in the same transaction, and call [`Repeatable::finish`].
    New,
    /// It was done: this was the answer.
    Done(Answer),
}

/// A JSON answer with its status.
#[derive(Clone, Debug)]
pub struct Answer {
    status: StatusCode,
    body: Value,
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        (self.status, axum::Json(self.body)).into_response()
    }
}

impl Repeatable {
    /// Refuses a request without a key: for writes that reach a customer.
    pub fn require_key(&self) -> Result<(), ApiError> {
        self.key.as_ref().map(drop).ok_or(ApiError::IdempotencyKeyMissing)
    }

    /// Claims the key. Without a key every request is new.
    pub async fn begin(&self, tx: &mut TenantTx) -> Result<Begun, ApiError> {
        let Some(key) = &self.key else { return Ok(Begun::New) };
        let tenant = tx.tenant();
        let claimed = sqlx::query(
            "INSERT INTO idempotency_keys (tenant_id, key, route, request_hash) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(tenant)
        .bind(key)
        .bind(&self.route)
        .bind(&self.hash)
        .execute(&mut **tx)
        .await?;
        if claimed.rows_affected() == 1 {
            return Ok(Begun::New);
        }
        let (hash, status, body): (Vec<u8>, Option<i32>, Option<Value>) = sqlx::query_as(
            "SELECT request_hash, response_status, response_body FROM idempotency_keys
             WHERE tenant_id = $1 AND key = $2 AND route = $3",
        )
        .bind(tenant)
        .bind(key)
        .bind(&self.route)
        .fetch_one(&mut **tx)
        .await?;
        if hash != self.hash {
            return Err(ApiError::IdempotencyKeyReused);
        }
        let status = status.and_then(|status| u16::try_from(status).ok()).and_then(|status| StatusCode::from_u16(status).ok());
        Ok(Begun::Done(Answer { status: status.unwrap_or(StatusCode::OK), body: body.unwrap_or_default() }))
    }

    /// Keeps the answer for whoever asks again, and gives it. Commit afterwards.
    pub async fn finish(&self, tx: &mut TenantTx, status: StatusCode, body: &impl Serialize) -> Result<Answer, ApiError> {
        let body = serde_json::to_value(body).map_err(ApiError::internal)?;
        if let Some(key) = &self.key {
            let tenant = tx.tenant();
            sqlx::query(
                "UPDATE idempotency_keys SET response_status = $4, response_body = $5
                 WHERE tenant_id = $1 AND key = $2 AND route = $3",
            )
            .bind(tenant)
            .bind(key)
            .bind(&self.route)
            .bind(i32::from(status.as_u16()))
            .bind(&body)
            .execute(&mut **tx)
            .await?;
        }
        Ok(Answer { status, body })
    }
}

impl<T: DeserializeOwned + Validate, S: Send + Sync> FromRequest<S> for Idempotent<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let key = match request.headers().get("idempotency-key") {
            None => None,
            Some(key) => {
                let key = key.to_str().ok().map(str::trim).filter(|key| !key.is_empty() && key.len() <= LONGEST_KEY);
                Some(key.ok_or(ApiError::IdempotencyKeyMissing)?.to_owned())
            }
        };
        let path = request.extensions().get::<OriginalUri>().map_or_else(|| request.uri().path(), |uri| uri.path());
        let route = format!("{} {path}", request.method());
        let caller = request.extensions().get::<TenantCaller>().map(|caller| caller_name(&caller.caller)).unwrap_or_default();
        let is_json = is_json(request.headers());
        let bytes = Bytes::from_request(request, state).await.map_err(|_| ApiError::BodyTooLarge)?;
        let hash = Sha256::new().chain_update(caller).chain_update([0]).chain_update(&bytes).finalize().to_vec();
        Ok(Self { body: read(is_json, &bytes)?, request: Repeatable { key, route, hash } })
    }
}

fn caller_name(caller: &Caller) -> String {
    match caller {
        Caller::User(signed_in) => signed_in.user.to_string(),
        Caller::Token { id, .. } => id.to_string(),
        Caller::AdminKey => "admin_key".to_owned(),
    }
}
