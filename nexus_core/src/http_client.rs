//! The one way to make a client for calls to the outside.

use std::time::Duration;

/// A client that gives up: `connect` for the connection, `total` for the whole exchange. It follows no redirect, since
/// a redirect would carry our keys along.
pub fn build(connect: Duration, total: Duration) -> Result<reqwest::Client, reqwest::Error> {
    builder(connect, total).build()
}

/// The same, for what [`crate::targets`] adds to it.
pub(crate) fn builder(connect: Duration, total: Duration) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .connect_timeout(connect)
        .timeout(total)
        .pool_idle_timeout(Duration::from_secs(30))
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("Nexus/", env!("CARGO_PKG_VERSION")))
}
