//! The HTTP client for loopback calls.

use std::time::Duration;

use anyhow::{Context, Result};

/// A client that needs neither CA roots nor a proxy: everything here is plain HTTP on loopback, and a bare
/// container without CA roots would refuse to build the default client.
pub(crate) fn client(timeout: Duration) -> Result<reqwest::Client> {
    reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only(std::iter::empty())
        .timeout(timeout)
        .build()
        .context("cannot build the HTTP client")
}
