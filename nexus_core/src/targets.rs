//! Which addresses a business may make us call. Whoever may enter an address could otherwise reach what only this
//! machine can: the database, a cloud's metadata service, the neighbour's router.
//!
//! An address is judged when it is entered and again whenever a name has been resolved to connect, because a name may
//! point somewhere else by then. Redirects are not followed (`http_client`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::http_client;

/// What may be called. The default lets nobody into private networks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Targets {
    /// `ALLOW_PRIVATE_TARGETS`: also loopback, private networks and plain HTTP. For simulators, or a model on the same machine.
    pub allow_private: bool,
}

/// Why an address may not be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTarget {
    /// Not an address of the web.
    #[error("must be a web address such as https://api.example.com")]
    NotAnAddress,
    /// A key would cross the net in clear.
    #[error("must begin with https://")]
    NotEncrypted,
    /// It carries a user, a password, a query or a fragment.
    #[error("must be a plain address, without a user, a query or a fragment")]
    NotPlain,
    /// It lies in a private network.
    #[error("must not lie in a private network")]
    Private,
    /// The name has no address.
    #[error("the name cannot be resolved")]
    Unknown,
}

impl Targets {
    /// Whether an address may be connected to.
    #[must_use]
    pub fn permits(self, address: IpAddr) -> bool {
        self.allow_private || is_public(address)
    }

    /// Judges the base address of an API as entered, as far as it can be judged without resolving its name.
    pub fn check_url(self, text: &str) -> Result<Url, BadTarget> {
        let url = Url::parse(text.trim()).map_err(|_| BadTarget::NotAnAddress)?;
        let host = url.host_str().filter(|_| matches!(url.scheme(), "http" | "https")).ok_or(BadTarget::NotAnAddress)?;
        if !self.allow_private && url.scheme() != "https" {
            return Err(BadTarget::NotEncrypted);
        }
        let is_plain = url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
        if !is_plain {
            return Err(BadTarget::NotPlain);
        }
        self.check_host(host)?;
        Ok(url)
    }

    /// Judges a host as entered: an address must be permitted, a name must not be one that only means this machine.
    pub fn check_host(self, host: &str) -> Result<(), BadTarget> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        match bare.parse::<IpAddr>() {
            Ok(address) if self.permits(address) => Ok(()),
            Ok(_) => Err(BadTarget::Private),
            Err(_) if self.allow_private => Ok(()),
            Err(_) => {
                let name = bare.trim_end_matches('.').to_ascii_lowercase();
                let is_local = name == "localhost" || name.ends_with(".localhost") || !name.contains('.');
                if is_local { Err(BadTarget::Private) } else { Ok(()) }
            }
        }
    }

    /// The addresses of a host that may be connected to, for protocols other than HTTP.
    pub async fn resolve(self, host: &str, port: u16) -> Result<Vec<SocketAddr>, BadTarget> {
        let found = tokio::net::lookup_host((host, port)).await.map_err(|_| BadTarget::Unknown)?;
        let (permitted, refused): (Vec<SocketAddr>, Vec<SocketAddr>) = found.partition(|address| self.permits(address.ip()));
        match (permitted.is_empty(), refused.is_empty()) {
            (false, _) => Ok(permitted),
            (true, false) => Err(BadTarget::Private),
            (true, true) => Err(BadTarget::Unknown),
        }
    }

    /// A client for addresses that a business has entered; give it only what [`Targets::check_url`] has let through.
    ///
    /// It uses no proxy of the environment: a proxy would resolve the names itself.
    pub fn client(self, connect: Duration, total: Duration) -> Result<reqwest::Client, reqwest::Error> {
        let builder = http_client::builder(connect, total);
        if self.allow_private { builder.build() } else { builder.no_proxy().dns_resolver(PublicOnly).build() }
    }
}

/// Resolves names to public addresses only.
#[derive(Clone, Copy, Debug)]
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // Port 0: the client puts the port of the URL in its place.
            let permitted = Targets::default().resolve(name.as_str(), 0).await?;
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is reachable from everywhere. What IANA has set aside for special use is not.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => match embedded_v4(v6) {
            Some(v4) => is_public_v4(v4),
            None => is_public_v6(v6),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        // Carrier-grade NAT, protocol assignments, 6to4 relays, benchmarks.
        || (a == 100 && b & 0b1100_0000 == 64)
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99)
        || (a == 198 && b & 0b1111_1110 == 18);
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // Only 2000::/3 is handed out; within it, documentation and protocol assignments (2001::/23, Teredo among them) are not.
    let is_global = segments[0] & 0xe000 == 0x2000;
    let is_documentation = segments[0] == 0x2001 && segments[1] == 0x0db8 || segments[0] == 0x3fff && segments[1] < 0x1000;
    let is_protocol = segments[0] == 0x2001 && segments[1] < 0x0200;
    is_global && !is_documentation && !is_protocol
}

/// The IPv4 address that an IPv6 address stands for: mapped, NAT64 (64:ff9b::/96), 6to4 (2002::/16).
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let of = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match segments {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(of(high, low)),
        [0x2002, high, low, ..] => Some(of(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOSED: Targets = Targets { allow_private: false };

    #[test]
    fn special_addresses_are_refused_in_every_spelling() {
        let private = [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "198.18.0.1",
            "192.0.0.8",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
            "::127.0.0.1",
        ];
        for address in private {
            assert!(!CLOSED.permits(address.parse().unwrap()), "{address}");
        }
        for address in ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8"] {
            assert!(CLOSED.permits(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn addresses_are_judged_as_they_are_entered() {
        assert!(CLOSED.check_url("https://api.openai.com/v1").is_ok());
        let cases = [
            ("https://127.0.0.1/v1", BadTarget::Private),
            ("https://[::1]/v1", BadTarget::Private),
            // The URL parser reads these as 127.0.0.1.
            ("https://2130706433/", BadTarget::Private),
            ("https://0x7f.1/", BadTarget::Private),
            ("https://localhost:8443", BadTarget::Private),
            ("https://LOCALHOST./", BadTarget::Private),
            ("https://postgres/", BadTarget::Private),
            ("http://api.openai.com/v1", BadTarget::NotEncrypted),
            ("https://user:pass@api.openai.com", BadTarget::NotPlain),
            ("https://api.openai.com/?key=1", BadTarget::NotPlain),
            ("ftp://example.com", BadTarget::NotAnAddress),
            ("api.openai.com", BadTarget::NotAnAddress),
        ];
        for (text, problem) in cases {
            assert_eq!(CLOSED.check_url(text).unwrap_err(), problem, "{text}");
        }
        assert!(Targets { allow_private: true }.check_url("http://127.0.0.1:11434/v1").is_ok());
    }

    #[tokio::test]
    async fn a_name_that_resolves_to_a_private_address_is_refused_when_connecting() {
        assert_eq!(CLOSED.resolve("localhost", 80).await.unwrap_err(), BadTarget::Private);
        assert!(!Targets { allow_private: true }.resolve("localhost", 80).await.unwrap().is_empty());
        // Whatever checks came before: the client itself does not connect.
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://localhost:{}/", listener.local_addr().unwrap().port());
        crate::lifecycle::install_crypto_provider();
        let client = CLOSED.client(Duration::from_secs(2), Duration::from_secs(2)).unwrap();
        let refused = client.get(&url).send().await.unwrap_err();
        assert!(crate::telemetry::error_chain(&refused).contains("private network"), "{refused:?}");
    }
}
