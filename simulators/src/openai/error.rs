//! Error answers in OpenAI's body shape.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

pub(crate) struct ChatFailure {
    status: StatusCode,
    kind: &'static str,
    message: String,
    param: Option<String>,
    code: Option<&'static str>,
}

impl ChatFailure {
    pub(crate) fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, message: message.into(), param: None, code: None }
    }

    pub(crate) fn bad_request(param: &str, message: impl Into<String>) -> Self {
        let failure = Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message);
        Self { param: Some(param.to_owned()), ..failure }
    }

    pub(crate) fn with_code(self, code: &'static str) -> Self {
        Self { code: Some(code), ..self }
    }
}

impl IntoResponse for ChatFailure {
    fn into_response(self) -> Response {
        let error = json!({
            "message": self.message, "type": self.kind, "param": self.param, "code": self.code,
        });
        (self.status, Json(json!({ "error": error }))).into_response()
    }
}

/// The real message echoes part of the key as well.
pub(crate) fn wrong_key(given: &str) -> ChatFailure {
    let start: String = given.chars().take(7).collect();
    let message = format!(
        "Incorrect API key provided: {start}***************. You can find your API key at \
         https://platform.openai.com/account/api-keys."
    );
    ChatFailure::new(StatusCode::UNAUTHORIZED, "invalid_request_error", message).with_code("invalid_api_key")
}

/// The answer of an injected fault.
pub(crate) fn for_status(status: StatusCode) -> Response {
    let failure = match status.as_u16() {
        401 => wrong_key("sk-demo"),
        429 => ChatFailure::new(
            status,
            "requests",
            "Rate limit reached for gpt-4.1-mini in organization org-demo on requests per min (RPM): \
             Limit 500, Used 500, Requested 1. Please try again in 120ms.",
        )
        .with_code("rate_limit_exceeded"),
        503 => {
            ChatFailure::new(status, "service_unavailable_error", "Our servers are currently overloaded. Please try again later.")
                .with_code("server_is_overloaded")
        }
        400..=499 => ChatFailure::new(status, "invalid_request_error", "Invalid request."),
        _ => ChatFailure::new(status, "server_error", "The server had an error while processing your request. Sorry about that!"),
    };
    failure.into_response()
}
