//! Error answers in the provider's body shape.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::ids;

pub(crate) const REQUEST_ID: &str = "YCloud-Request-ID";

pub(crate) struct ApiFailure {
    status: StatusCode,
    code: &'static str,
    message: String,
    target: Option<String>,
}

impl ApiFailure {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), target: None }
    }

    pub(crate) fn missing(parameter: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "PARAM_MISSING", format!("Parameter '{parameter}' is required.")).at(parameter)
    }

    pub(crate) fn invalid(parameter: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "PARAM_INVALID", format!("Parameter '{parameter}' is invalid.")).at(parameter)
    }

    pub(crate) fn too_long(parameter: &str, limit: usize) -> Self {
        let message = format!("Parameter '{parameter}' must not exceed {limit} characters.");
        Self::new(StatusCode::BAD_REQUEST, "PARAM_INVALID_LENGTH", message).at(parameter)
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", format!("{what} does not exist."))
    }

    fn at(mut self, target: &str) -> Self {
        self.target = Some(target.to_owned());
        self
    }

    pub(crate) fn sender_unavailable() -> Self {
        Self::new(StatusCode::FORBIDDEN, "WHATSAPP_PHONE_NUMBER_UNAVAILABLE", "The sender phone number is not available.")
            .at("from")
    }
}

impl IntoResponse for ApiFailure {
    fn into_response(self) -> Response {
        let request_id = ids::request();
        let mut error = Map::new();
        error.insert("status".into(), json!(self.status.as_u16()));
        error.insert("code".into(), json!(self.code));
        error.insert("message".into(), json!(self.message));
        error.insert("requestId".into(), json!(request_id));
        if let Some(target) = self.target {
            error.insert("target".into(), json!(target));
        }
        let body = Json(json!({ "error": Value::Object(error) }));
        (self.status, [(REQUEST_ID, request_id)], body).into_response()
    }
}

/// The answer of an injected fault.
pub(crate) fn for_status(status: StatusCode) -> Response {
    let (code, message) = match status.as_u16() {
        400 => ("BAD_REQUEST", "Bad request."),
        401 => ("UNAUTHORIZED", "Authentication failed."),
        403 => ("FORBIDDEN", "Not allowed."),
        404 => ("NOT_FOUND", "Resource does not exist."),
        409 => ("ALREADY_EXISTS", "Resource already exists."),
        413 => ("CONTENT_TOO_LARGE", "Content too large."),
        429 => ("SENDER_RATE_LIMITED", "Sender quota exhausted."),
        503 => ("SERVICE_UNAVAILABLE", "Temporarily unavailable."),
        _ => ("INTERNAL_SERVER_ERROR", "Server error."),
    };
    ApiFailure::new(status, code, message).into_response()
}
