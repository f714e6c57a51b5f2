//! What can go wrong with the model, as far as a turn can act on it. Built from status, headers and body, whatever the
//! shape of the body; the server's message is dropped, because it may repeat a key or what the customer wrote.

use std::time::Duration;

use async_openai::error::OpenAIError;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Nobody has set an API key.
    #[error("no API key is set for the model")]
    NoKey,
    /// The key is refused.
    #[error("the model refuses the API key")]
    BadKey,
    /// Too many requests; later ones may pass.
    #[error("the model limits the rate of requests")]
    RateLimited {
        /// What the server asked for.
        retry_after: Option<Duration>,
    },
    /// No credit is left; waiting does not help.
    #[error("the model's credit is used up")]
    QuotaExhausted,
    /// The request itself is refused: unknown model, bad parameter, content filter.
    #[error("the model refuses the request ({})", .code.as_deref().unwrap_or("no code"))]
    Refused {
        /// The server's code.
        code: Option<String>,
    },
    /// No connection, a timeout, or the server's own failure.
    #[error("the model is not available")]
    Unavailable {
        /// What the server asked for.
        retry_after: Option<Duration>,
    },
    /// An answer that is none.
    #[error("the model's answer cannot be read")]
    Unreadable,
}

impl ModelError {
    /// A short stable name, for metrics and system events.
    #[must_use]
    pub const fn class(&self) -> &'static str {
        match self {
            Self::NoKey => "no_key",
            Self::BadKey => "bad_key",
            Self::RateLimited { .. } => "rate_limited",
            Self::QuotaExhausted => "quota_exhausted",
            Self::Refused { .. } => "refused",
            Self::Unavailable { .. } => "unavailable",
            Self::Unreadable => "unreadable",
        }
    }

    /// Classifies an HTTP error answer.
    pub(super) fn of_response(status: u16, headers: &HeaderMap, body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        Self::of_error(status, &body, retry_after(headers))
    }

    /// Classifies an error object, inside an error answer or inside a 200.
    pub(crate) fn of_error(status: u16, body: &Value, retry_after: Option<Duration>) -> Self {
        let error = if body["error"].is_object() { &body["error"] } else { body };
        let names: Vec<&str> = ["code", "type"].iter().filter_map(|field| error[*field].as_str()).collect();
        if status == 402 || status == 429 && names.iter().any(|name| is_about_money(name)) {
            return Self::QuotaExhausted;
        }
        if names.contains(&"tool_use_failed") {
            // The model wrote a tool call its own server cannot read; asking again usually helps.
            return Self::Unreadable;
        }
        match status {
            401 => Self::BadKey,
            429 => Self::RateLimited { retry_after },
            408 | 409 | 500.. => Self::Unavailable { retry_after },
            _ => Self::Refused { code: names.first().map(|name| nexus_core::text::truncated(name, 64).to_owned()) },
        }
    }
}

fn is_about_money(name: &str) -> bool {
    name == "insufficient_quota"
        || name == "credit_balance_exhausted"
        || name.ends_with("_limit_exceeded") && name != "rate_limit_exceeded"
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<f64>().ok().filter(|value| *value >= 0.0);
    let milliseconds = number("retry-after-ms").map(|value| value / 1000.0);
    milliseconds.or_else(|| number("retry-after")).map(|seconds| Duration::from_secs_f64(seconds.min(86_400.0)))
}

impl From<OpenAIError> for ModelError {
    fn from(error: OpenAIError) -> Self {
        match error {
            OpenAIError::Boxed(source) => source.downcast::<Self>().map_or(Self::Unreadable, |classified| *classified),
            OpenAIError::Reqwest(error) if error.is_decode() || error.is_builder() => Self::Unreadable,
            OpenAIError::Reqwest(_) => Self::Unavailable { retry_after: None },
            _ => Self::Unreadable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn class(status: u16, body: Value) -> &'static str {
        ModelError::of_response(status, &HeaderMap::new(), body.to_string().as_bytes()).class()
    }

    #[test]
    fn every_row_of_the_error_table() {
        let error = |kind: &str, code: &str| json!({"error": {"message": "m", "type": kind, "code": code}});
        assert_eq!(class(401, error("invalid_request_error", "invalid_api_key")), "bad_key");
        assert_eq!(class(429, error("requests", "rate_limit_exceeded")), "rate_limited");
        assert_eq!(class(429, error("rate_limit_error", "slow_down")), "rate_limited");
        for code in [
            "insufficient_quota",
            "credit_balance_exhausted",
            "organization_spend_limit_exceeded",
            "project_spend_limit_exceeded",
        ] {
            assert_eq!(class(429, error("insufficient_quota", code)), "quota_exhausted", "{code}");
        }
        assert_eq!(class(404, error("invalid_request_error", "model_not_found")), "refused");
        assert_eq!(class(400, error("invalid_request_error", "tool_use_failed")), "unreadable");
        assert_eq!(class(503, error("service_unavailable_error", "server_is_overloaded")), "unavailable");
    }

    #[test]
    fn bodies_of_other_servers_keep_their_status() {
        assert_eq!(class(402, json!({"error": {"code": 402, "message": "credits"}})), "quota_exhausted");
        assert_eq!(class(400, json!({"object": "error", "code": 400})), "refused");
        assert_eq!(class(422, json!({"detail": [{"loc": ["body"]}]})), "refused");
        let html = ModelError::of_response(502, &HeaderMap::new(), b"<html>Bad gateway</html>");
        assert_eq!(html.class(), "unavailable");
    }

    #[test]
    fn retry_after_is_read_in_both_units() {
        let headers = |name: &'static str, value: &str| HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())]);
        assert_eq!(retry_after(&headers("retry-after", "2")), Some(Duration::from_secs(2)));
        assert_eq!(retry_after(&headers("retry-after-ms", "150")), Some(Duration::from_millis(150)));
        assert_eq!(retry_after(&headers("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")), None);
        assert_eq!(retry_after(&headers("retry-after", "-3")), None);
    }
}
