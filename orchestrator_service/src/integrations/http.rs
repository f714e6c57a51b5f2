//! One request of a test and what its answer means where all outside systems agree. What the other side wrote is only
//! looked into for its own codes and never shown: it may repeat the key.

use std::time::Duration;

use nexus_core::targets::Targets;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::Value;

use super::finding::Finding;

const CONNECT: Duration = Duration::from_secs(4);
const TOTAL: Duration = Duration::from_secs(8);
/// A web page in place of an API may be large.
const MOST_BYTES: usize = 1024 * 1024;

/// An answer with its body, if that is JSON.
#[derive(Debug)]
pub struct Answered {
    /// The status.
    pub status: StatusCode,
    /// The body; null when it is no JSON.
    pub body: Value,
}

/// A client for addresses that a tenant has entered.
pub fn guarded(targets: Targets) -> Result<Client, Finding> {
    targets.client(CONNECT, TOTAL).map_err(|_| Finding::Unreachable)
}

/// A client for addresses of the installation.
pub fn trusted() -> Result<Client, Finding> {
    nexus_core::http_client::build(CONNECT, TOTAL).map_err(|_| Finding::Unreachable)
}

/// Sends a request and reads the whole answer.
pub async fn ask(request: RequestBuilder) -> Result<Answered, Finding> {
    let mut response = request.send().await.map_err(|error| of_failure(&error))?;
    let status = response.status();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| of_failure(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > MOST_BYTES {
            return Err(Finding::NotTheApi);
        }
    }
    Ok(Answered { status, body: serde_json::from_slice(&body).unwrap_or_default() })
}

fn of_failure(error: &reqwest::Error) -> Finding {
    if error.is_timeout() {
        return Finding::TooSlow;
    }
    // Our own resolver refuses with words of its own.
    let chain = nexus_core::telemetry::error_chain(error);
    if chain.contains("private network") { Finding::AddressRefused } else { Finding::Unreachable }
}

impl Answered {
    /// What an unsuccessful status means everywhere; each system looks at its own codes before.
    #[must_use]
    pub fn failure(&self) -> Finding {
        match self.status.as_u16() {
            _ if self.status.is_redirection() => Finding::NotTheApi,
            401 => Finding::KeyRefused,
            402 => Finding::NoCredit,
            403 => Finding::ScopeMissing,
            429 => Finding::RateLimited,
            status @ 500.. => Finding::ServerFailed { status },
            // An API says so in JSON; a page that is not there is a wrong address.
            _ if self.body.is_null() => Finding::NotTheApi,
            status => Finding::RequestRefused { status },
        }
    }
}
