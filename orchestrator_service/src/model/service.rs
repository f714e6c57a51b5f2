//! The transport under async-openai: one request, no retries, and the status of a failure looked at before the crate
//! tries to read its body (and loses it).

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use reqwest::Response;

use super::failure::ModelError;

/// Sends a request exactly once.
#[derive(Clone, Debug)]
pub(super) struct OneRequest {
    http: reqwest::Client,
}

impl OneRequest {
    pub(super) fn new(http: reqwest::Client) -> Self {
        Self { http }
    }
}

impl tower::Service<HttpRequestFactory> for OneRequest {
    type Response = Response;
    type Error = OpenAIError;
    type Future = Pin<Box<dyn Future<Output = Result<Response, OpenAIError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), OpenAIError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequestFactory) -> Self::Future {
        let http = self.http.clone();
        Box::pin(async move {
            let response = http.execute(request.build().await?).await?;
            let status = response.status();
            if status.is_success() {
                return Ok(response);
            }
            let headers = response.headers().clone();
            // A body that breaks off still leaves the status, and that decides.
            let body = response.bytes().await.unwrap_or_default();
            Err(OpenAIError::Boxed(Box::new(ModelError::of_response(status.as_u16(), &headers, &body))))
        })
    }
}
