//! The yardstick for the accept path: the same middleware, the same signature check, and nothing else.

use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::routing::post;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Serves on a free port, prints it, and runs until it is killed.
pub(crate) async fn serve(secret: &str) -> Result<()> {
    let layers = ServiceBuilder::new()
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
        .layer(TraceLayer::new_for_http())
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_secs(10)))
        .layer(DefaultBodyLimit::max(1024 * 1024));
    let router = Router::new().route("/webhook/ycloud", post(receive)).with_state(secret.to_owned()).layer(layers);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    axum::serve(listener, router).await.context("the bare handler ended")
}

async fn receive(State(secret): State<String>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if is_authentic(&secret, &headers, &body) { StatusCode::OK } else { StatusCode::UNAUTHORIZED }
}

fn is_authentic(secret: &str, headers: &HeaderMap, body: &[u8]) -> bool {
    let header = headers.get("ycloud-signature").and_then(|header| header.to_str().ok());
    let Some((timestamp, digest)) = header.and_then(|header| header.strip_prefix("t=")?.split_once(",s=")) else { return false };
    let (Ok(digest), Ok(mut mac)) = (hex::decode(digest), Hmac::<Sha256>::new_from_slice(secret.as_bytes())) else {
        return false;
    };
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.verify_slice(&digest).is_ok()
}
