//! Calls to the provider through the one HTTP client of this program, bounded in time and in size.

use std::time::Duration;

use nexus_core::http_client;
use openidconnect::{HttpRequest, HttpResponse, http};

/// A provider's documents have some kilobytes.
const LARGEST_ANSWER: usize = 512 * 1024;
const CONNECT: Duration = Duration::from_secs(3);
const TOTAL: Duration = Duration::from_secs(5);

/// Why the provider gave no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum ExchangeError {
    /// It could not be reached, or not in time.
    #[error("the exchange with the identity provider failed")]
    Http(#[from] reqwest::Error),
    /// Request or answer could not be made.
    #[error("the exchange with the identity provider could not be put together")]
    Shape(#[from] http::Error),
    /// The answer does not end.
    #[error("the answer of the identity provider is too large")]
    TooLarge,
}

/// A client that follows no redirects: one could lead into our own network.
pub(super) fn client() -> Result<reqwest::Client, reqwest::Error> {
    http_client::build(CONNECT, TOTAL)
}

/// One request of the protocol.
pub(super) async fn send(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, ExchangeError> {
    let mut answer = client.execute(request.try_into()?).await?;
    let mut response = http::Response::builder().status(answer.status());
    if let Some(headers) = response.headers_mut() {
        *headers = answer.headers().clone();
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(ExchangeError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(response.body(body)?)
}
