//! Our cookies: HttpOnly, SameSite=Lax, and Secure wherever the site is served over https.

use axum::http::{HeaderMap, HeaderValue, header};
use secrecy::{ExposeSecret as _, SecretString};

use crate::auth::{oidc, session};

/// One cookie of ours.
pub(super) struct Cookie {
    name: &'static str,
    path: &'static str,
    seconds: i64,
}

/// The session.
pub(super) const SESSION: Cookie = Cookie { name: "nexus_session", path: "/", seconds: session::LONGEST.num_seconds() };
/// A sign-in at the identity provider that has begun.
pub(super) const OIDC: Cookie =
    Cookie { name: "nexus_oidc", path: "/api/v1/session/oidc", seconds: oidc::FLOW_LASTS.num_seconds() };

impl Cookie {
    /// What it is called.
    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    /// What a request brings.
    pub(super) fn read<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(name, _)| *name == self.name).map(|(_, value)| value)
    }

    /// Sets it.
    pub(super) fn set(&self, value: &SecretString, is_https: bool) -> HeaderValue {
        self.of(value.expose_secret(), self.seconds, is_https)
    }

    /// Removes it.
    pub(super) fn clear(&self, is_https: bool) -> HeaderValue {
        self.of("", 0, is_https)
    }

    fn of(&self, value: &str, seconds: i64, is_https: bool) -> HeaderValue {
        let secure = if is_https { "; Secure" } else { "" };
        let (name, path) = (self.name, self.path);
        let text = format!("{name}={value}; Path={path}; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
        // Values are base64: they always fit into a header.
        let mut value = HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""));
        value.set_sensitive(true);
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; nexus_session=tok=en; b=2"));
        assert_eq!(SESSION.read(&headers), Some("tok=en"));
        assert_eq!(SESSION.read(&HeaderMap::new()), None);
    }

    #[test]
    fn scripts_never_see_it() {
        let cookie = SESSION.set(&SecretString::from("t"), true);
        let text = cookie.to_str().unwrap();
        for part in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
            assert!(text.contains(part), "{text}");
        }
        assert!(!SESSION.set(&SecretString::from("t"), false).to_str().unwrap().contains("Secure"));
    }
}
