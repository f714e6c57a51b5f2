//! What a provider's "no" means for the sender: the codes of YCloud and, inside them, of Meta. Decides by code, never
//! by words.

use std::time::Duration;

use serde_json::Value;

use crate::providers::{Refusal, SendOutcome};

/// Reads an answer of the send endpoint that is not a success.
#[must_use]
pub fn classify(status: u16, retry_after: Option<Duration>, body: &[u8]) -> SendOutcome {
    let error = serde_json::from_slice::<Value>(body).ok().and_then(|body| body.get("error").cloned()).unwrap_or(Value::Null);
    let code = text(error.get("code"));
    let meta_code = text(error.pointer("/whatsappApiError/code"));
    let detail = text(error.pointer("/whatsappApiError/message")).or_else(|| text(error.get("message"))).unwrap_or_default();
    let refusal = || Refusal {
        code: meta_code.clone().or_else(|| code.clone()).unwrap_or_else(|| status.to_string()),
        detail: nexus_core::text::truncated(&nexus_core::text::without_nul(&detail), 500).to_owned(),
    };
    if status == 429 {
        return SendOutcome::RateLimited(retry_after);
    }
    if status >= 500 {
        return SendOutcome::Unknown(format!("the provider answered {status}"));
    }
    if let Some(outcome) = meta_code.as_deref().and_then(|code| by_meta_code(code, retry_after, &refusal)) {
        return outcome;
    }
    match (status, code.as_deref()) {
        (401, _) => SendOutcome::CredentialsRefused(refusal()),
        (403, Some(code)) if is_about_the_message(code) => SendOutcome::Rejected(refusal()),
        (403, _) => SendOutcome::CredentialsRefused(refusal()),
        (408, _) => SendOutcome::Unknown("the provider timed out".to_owned()),
        _ => SendOutcome::Rejected(refusal()),
    }
}

/// 403 also says that the recipient, the template or the content is refused; the channel is fine then.
fn is_about_the_message(code: &str) -> bool {
    matches!(
        code,
        "RECIPIENT_UNSUBSCRIBED"
            | "RECIPIENT_IN_BLOCK_LIST"
            | "CONTENT_PROHIBITED"
            | "WHATSAPP_TEMPLATE_UNAVAILABLE"
            | "WHATSAPP_TEMPLATE_UNEDITABLE"
    )
}

fn by_meta_code(code: &str, retry_after: Option<Duration>, refusal: &dyn Fn() -> Refusal) -> Option<SendOutcome> {
    Some(match code {
        // Throughput of the number, and of this sender to this person.
        "130429" | "131056" => SendOutcome::RateLimited(retry_after),
        // Permission, token, or the account as a whole.
        "3" | "10" | "190" | "200" | "131005" | "131031" | "131037" | "131042" | "368" | "139000" => {
            SendOutcome::CredentialsRefused(refusal())
        }
        // A hiccup of Meta's, answered before anything was sent.
        "1" | "135000" | "131000" | "131016" | "131057" => SendOutcome::Unavailable(refusal()),
        _ => return None,
    })
}

/// YCloud writes Meta's codes as text, Meta as numbers.
fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: u16, code: &str, meta_code: Option<&str>) -> SendOutcome {
        let mut error = serde_json::json!({"status": status, "code": code});
        if let Some(meta_code) = meta_code {
            error["whatsappApiError"] = serde_json::json!({"code": meta_code, "message": "words"});
        }
        classify(status, Some(Duration::from_secs(7)), serde_json::json!({ "error": error }).to_string().as_bytes())
    }

    #[test]
    fn parameter_errors_are_final() {
        for (status, code) in [(400, "PARAM_INVALID"), (404, "NOT_FOUND"), (409, "ALREADY_EXISTS"), (413, "CONTENT_TOO_LARGE")] {
            assert!(matches!(outcome(status, code, None), SendOutcome::Rejected(_)), "{status}");
        }
    }

    #[test]
    fn account_errors_break_the_channel() {
        for (status, code) in
            [(401, "UNAUTHORIZED"), (403, "BALANCE_INSUFFICIENT"), (403, "WHATSAPP_PHONE_NUMBER_UNAVAILABLE"), (403, "NEW_CODE")]
        {
            assert!(matches!(outcome(status, code, None), SendOutcome::CredentialsRefused(_)), "{code}");
        }
        assert!(matches!(outcome(400, "BAD_REQUEST", Some("190")), SendOutcome::CredentialsRefused(_)));
    }

    #[test]
    fn a_refused_recipient_is_final_and_leaves_the_channel_alone() {
        for code in ["RECIPIENT_UNSUBSCRIBED", "RECIPIENT_IN_BLOCK_LIST", "CONTENT_PROHIBITED"] {
            assert!(matches!(outcome(403, code, None), SendOutcome::Rejected(_)), "{code}");
        }
    }

    #[test]
    fn rate_limits_wait_as_long_as_they_are_told() {
        let wait = SendOutcome::RateLimited(Some(Duration::from_secs(7)));
        assert_eq!(outcome(429, "TOO_MANY_REQUESTS", None), wait);
        assert_eq!(outcome(400, "BAD_REQUEST", Some("131056")), wait);
        assert_eq!(outcome(400, "BAD_REQUEST", Some("130429")), wait);
    }

    #[test]
    fn server_errors_leave_the_outcome_unknown() {
        for status in [500, 502, 503, 504, 408] {
            assert!(matches!(classify(status, None, b"<html>"), SendOutcome::Unknown(_)), "{status}");
        }
    }

    #[test]
    fn a_hiccup_of_meta_was_not_a_send() {
        assert!(matches!(outcome(400, "BAD_REQUEST", Some("131057")), SendOutcome::Unavailable(_)));
    }
}
