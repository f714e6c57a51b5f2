//! Two people who edit the same thing: the second is told, and shown what the first one made of it.
//!
//! A read answers `ETag`; a write must bring it back as `If-Match`. Missing is 428, outdated is 412 with the newer
//! version in the body.

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::api_error::ApiError;

/// Which version of an object this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    /// The version of a row that carries the time of its last change.
    #[must_use]
    pub fn of_time(updated_at: DateTime<Utc>) -> Self {
        Self(format!("\"{}\"", updated_at.timestamp_micros()))
    }

    /// The version of a row that counts its changes.
    #[must_use]
    pub fn of_revision(revision: i64) -> Self {
        Self(format!("\"{revision}\""))
    }

    fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
    }
}

/// An object with its version: the body, and the `ETag` header.
#[derive(Debug)]
pub struct Versioned<T>(pub ETag, pub T);

impl<T: Serialize> Versioned<T> {
    /// This is what somebody else has made of it in the meantime.
    #[must_use]
    pub fn outdated(&self) -> ApiError {
        let newer = serde_json::to_value(&self.1).unwrap_or_default();
        ApiError::VersionOutdated { etag: self.0.header(), current: newer }
    }
}

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.1).into_response();
        response.headers_mut().insert(header::ETAG, self.0.header());
        response
    }
}

/// `If-Match`: the version the caller has seen. Extracting it answers 428 when it is missing.
#[derive(Clone, Debug)]
pub struct IfMatch(Vec<String>);

impl IfMatch {
    /// Lets the write through, or answers 412 with what is there now. Ask with the row locked.
    pub fn check<T: Serialize>(&self, current: &Versioned<T>) -> Result<(), ApiError> {
        if self.0.iter().any(|tag| tag == "*" || *tag == current.0.0) {
            return Ok(());
        }
        Err(current.outdated())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let listed = parts.headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok());
        let listed = listed.filter(|listed| !listed.trim().is_empty());
        let listed = listed.ok_or(ApiError::VersionMissing)?;
        // A proxy that compresses weakens the tag; the version is the same.
        Ok(Self(listed.split(',').map(|tag| tag.trim().trim_start_matches("W/").to_owned()).collect()))
    }
}
