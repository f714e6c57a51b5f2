//! Where a request comes from, as far as our own proxies can tell.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;

use crate::config::AccessSettings;
use crate::routes::AppState;

/// The device of a caller.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    /// Its address.
    pub address: String,
    /// What it calls itself.
    pub user_agent: String,
}

impl FromRequestParts<AppState> for Origin {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let address = peer(parts).map(|peer| behind_proxies(peer, &parts.headers, &state.access.proxies).to_string());
        let user_agent = parts.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default().to_owned();
        Ok(Self { address: address.unwrap_or_default(), user_agent })
    }
}

/// Whoever is at the other end of the connection.
pub(super) fn peer(parts: &Parts) -> Option<IpAddr> {
    parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical())
}

/// Walks back along `X-Forwarded-For` for as long as the one who wrote the entry is believed.
fn behind_proxies(peer: IpAddr, headers: &HeaderMap, settings: &AccessSettings) -> IpAddr {
    let lines = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
    let entries: Vec<&str> = lines.flat_map(|line| line.split(',')).collect();
    let mut address = peer;
    for entry in entries.into_iter().rev() {
        if !settings.may_forward(address) {
            break;
        }
        let Ok(before) = entry.trim().parse::<IpAddr>() else { break };
        address = before.to_canonical();
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_believed_proxies_can_say_who_stands_behind_them() {
        let find = |peer: &str, forwarded: &'static str, proxies: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", HeaderValue::from_static(forwarded));
            let proxies = proxies.split(',').filter_map(|proxy| proxy.parse().ok()).collect();
            let settings = AccessSettings { proxies, email_header: None };
            behind_proxies(peer.parse().unwrap(), &headers, &settings).to_string()
        };
        assert_eq!(find("203.0.113.9", "198.51.100.1", ""), "203.0.113.9", "a stranger may not");
        assert_eq!(find("10.0.0.2", "198.51.100.1", ""), "198.51.100.1");
        assert_eq!(find("10.0.0.2", "1.1.1.1, 198.51.100.1", ""), "198.51.100.1", "what the client itself wrote");
        assert_eq!(find("10.0.0.2", "198.51.100.1, 10.0.0.3", "10.0.0.2,10.0.0.3"), "198.51.100.1");
        assert_eq!(find("10.0.0.2", "198.51.100.1", "10.9.9.9"), "10.0.0.2", "not one of the listed");
    }
}
