//! The session cookie: HttpOnly, SameSite=Lax, and Secure wherever the site is served over https.

use axum::http::{HeaderMap, HeaderValue, header};
use secrecy::{ExposeSecret as _, SecretString};

use crate::auth::session;

const NAME: &str = "nexus_session";

/// The token in the cookie of a request.
pub(super) fn read(headers: &HeaderMap) -> Option<&str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(name, _)| *name == NAME).map(|(_, value)| value)
}

/// Sets the cookie.
pub(super) fn set(token: &SecretString, is_https: bool) -> HeaderValue {
    of(token.expose_secret(), session::LONGEST.num_seconds(), is_https)
}

/// Removes the cookie.
pub(super) fn clear(is_https: bool) -> HeaderValue {
    of("", 0, is_https)
}

fn of(value: &str, seconds: i64, is_https: bool) -> HeaderValue {
    let secure = if is_https { "; Secure" } else { "" };
    let text = format!("{NAME}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    // Tokens are base64: they always fit into a header.
    let mut value = HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; nexus_session=tok=en; b=2"));
        assert_eq!(read(&headers), Some("tok=en"));
        assert_eq!(read(&HeaderMap::new()), None);
    }

    #[test]
    fn scripts_never_see_it() {
        let cookie = set(&SecretString::from("t"), true);
        let text = cookie.to_str().unwrap();
        for part in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
            assert!(text.contains(part), "{text}");
        }
        assert!(!set(&SecretString::from("t"), false).to_str().unwrap().contains("Secure"));
    }
}
