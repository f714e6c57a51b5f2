//! `TRUSTED_…`: which proxies are believed when they say who calls and from where.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use axum::http::HeaderName;
use nexus_core::env::Env;

/// Which proxies are believed, and what.
#[derive(Clone, Debug, Default)]
pub struct AccessSettings {
    /// `TRUSTED_PROXY_ADDRESSES`: addresses or networks of our own proxies.
    pub proxies: Vec<Network>,
    /// `TRUSTED_EMAIL_HEADER`: where such a proxy (oauth2-proxy, say) puts the e-mail of whom it has signed in.
    pub email_header: Option<HeaderName>,
}

impl AccessSettings {
    /// Whether a peer is one of our own proxies.
    #[must_use]
    pub fn is_trusted(&self, peer: IpAddr) -> bool {
        self.proxies.iter().any(|network| network.contains(peer))
    }

    /// Whether a peer's word about the caller's address is taken. As long as nobody has listed the proxies, those of a
    /// private network are: otherwise everybody behind one would share one limit of tries.
    #[must_use]
    pub fn may_forward(&self, peer: IpAddr) -> bool {
        if self.proxies.is_empty() { is_private(peer) } else { self.is_trusted(peer) }
    }
}

fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local(),
    }
}

/// An address, or all that share its first bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// Whether an address lies in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(Ipv4Addr::BITS - self.bits).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(Ipv6Addr::BITS - self.bits).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(drop)?;
        let most = if address.is_ipv4() { Ipv4Addr::BITS } else { Ipv6Addr::BITS };
        let bits = bits.map_or(Ok(most), |bits| bits.parse().map_err(drop))?;
        if bits <= most { Ok(Self { address, bits }) } else { Err(()) }
    }
}

pub(super) fn read(env: &mut Env) -> AccessSettings {
    let listed = env.optional("TRUSTED_PROXY_ADDRESSES").unwrap_or_default();
    let proxies: Result<Vec<Network>, ()> =
        listed.split(',').map(str::trim).filter(|address| !address.is_empty()).map(str::parse).collect();
    let proxies = proxies.unwrap_or_else(|()| {
        env.refuse("TRUSTED_PROXY_ADDRESSES", "must list addresses or networks, separated by commas", "10.0.1.7, 172.16.0.0/12");
        Vec::new()
    });
    let header = env.optional("TRUSTED_EMAIL_HEADER");
    let email_header = header.as_deref().and_then(|name| name.parse().ok());
    if header.is_some() && email_header.is_none() {
        env.refuse("TRUSTED_EMAIL_HEADER", "is not the name of a header", "X-Forwarded-Email");
    }
    if email_header.is_some() && listed.is_empty() {
        env.refuse("TRUSTED_PROXY_ADDRESSES", "must be set when TRUSTED_EMAIL_HEADER is", "10.0.1.7");
    }
    AccessSettings { proxies, email_header }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_contains_what_shares_its_first_bits() {
        let cases = [
            ("10.0.0.0/8", "10.255.1.2", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.7", "10.0.0.7", true),
            ("10.0.0.7", "::ffff:10.0.0.7", true),
            ("10.0.0.7", "10.0.0.8", false),
            ("0.0.0.0/0", "1.2.3.4", true),
            ("fd00::/8", "fd12::1", true),
            ("fd00::/8", "10.0.0.1", false),
        ];
        for (network, address, expected) in cases {
            let network: Network = network.parse().unwrap();
            assert_eq!(network.contains(address.parse().unwrap()), expected, "{network:?} {address}");
        }
        assert!("10.0.0.0/33".parse::<Network>().is_err());
    }
}
