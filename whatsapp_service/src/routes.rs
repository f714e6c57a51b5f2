//! The whole URL map.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, StatusCode};
use axum::routing::post;
use nexus_core::problem::Problem;
use tower::ServiceBuilder;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::{DefaultOnFailure, TraceLayer};
use tracing::Level;

use crate::send;
use crate::state::AppState;
use crate::webhooks::receive;

/// YCloud's bodies have no published limit; a text message has a few kilobytes.
const MAX_BODY: usize = 1024 * 1024;
/// Slow senders are cut here; the provider itself gives up after ten seconds.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Everything the edge answers; `operations` are health, readiness and metrics.
pub fn router(app: AppState, operations: Router) -> Router {
    // Refusals are counted, and what failed inside was logged where it failed.
    let layers = ServiceBuilder::new()
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
        .layer(TraceLayer::new_for_http().on_failure(DefaultOnFailure::new().level(Level::DEBUG)))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_TIMEOUT))
        .layer(DefaultBodyLimit::max(MAX_BODY));
    Router::new()
        .route("/webhook", post(receive::shared))
        .route("/webhook/ycloud", post(receive::shared))
        .route("/webhook/ycloud/{channel_key}", post(receive::own))
        .route("/send", post(send::send))
        .with_state(app)
        .layer(layers)
        .merge(operations)
        .fallback(|| async { Problem::new(StatusCode::NOT_FOUND, "no_such_route", "there is nothing here") })
}
