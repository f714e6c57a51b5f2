//! The whole URL map, and what surrounds every route: limits, ids, spans.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::routing::{get, post};
use axum::{Json, Router};
use metrics_exporter_prometheus::PrometheusHandle;
use nexus_core::problem::Problem;
use nexus_core::readiness::{self, Readiness};
use nexus_core::vault::{Vault, VaultError};
use secrecy::SecretString;
use serde_json::json;
use tower_http::cors::CorsLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::{DefaultOnFailure, TraceLayer};
use tracing::Level;

use crate::auth::Passwords;
use crate::auth::oidc::Provider;
use crate::config::{AccessSettings, Config};
use crate::front_page::front_page;
use crate::state::Brain;
use crate::{admin, chat};

const MOST_BODY_BYTES: usize = 1024 * 1024;
/// A call of `POST /chat` may wait for one turn and then take its own.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(180);
const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// How people and programs get in.
pub struct Access {
    /// `ADMIN_TOKEN`.
    pub admin_token: SecretString,
    /// Seals what people prove themselves with.
    pub vault: Vault,
    /// Where people open the UI.
    pub platform_url: Option<String>,
    /// Which proxies are believed, and what.
    pub proxies: AccessSettings,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// The identity provider, if one is set up.
    pub oidc: Option<Arc<Provider>>,
}

impl Access {
    /// Whether the browser speaks https, so that cookies may insist on it. Whoever forges the header harms themselves.
    #[must_use]
    pub fn is_https(&self, headers: &HeaderMap) -> bool {
        let forwarded = headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
        forwarded || self.platform_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }
}

/// Why the state cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum BadSetting {
    /// `CREDENTIALS_KEY` or `CREDENTIALS_KEY_PREVIOUS`.
    #[error(transparent)]
    Key(#[from] VaultError),
    /// The HTTP client for the identity provider.
    #[error("the client of the identity provider cannot be made")]
    Oidc(#[from] reqwest::Error),
}

/// What handlers share. The server is up before the database is ready, so the brain may still be missing.
#[derive(Clone)]
pub struct AppState {
    /// What callers of `POST /chat` must show.
    pub internal_token: SecretString,
    /// How people and programs get in.
    pub access: Arc<Access>,
    brain: Arc<OnceLock<Arc<Brain>>>,
}

impl AppState {
    /// A state without a brain.
    pub fn new(config: &Config) -> Result<Self, BadSetting> {
        let site = config.platform_url.as_deref().unwrap_or_default();
        let oidc = config.oidc.clone().map(|settings| Provider::new(settings, site)).transpose()?;
        let access = Access {
            admin_token: config.tokens.admin.clone(),
            vault: config.vault()?,
            platform_url: config.platform_url.clone(),
            proxies: config.access.clone(),
            passwords: Passwords::default(),
            oidc: oidc.map(Arc::new),
        };
        Ok(Self { internal_token: config.tokens.internal.clone(), access: Arc::new(access), brain: Arc::default() })
    }

    /// The brain, once the database is ready.
    #[must_use]
    pub fn brain(&self) -> Option<Arc<Brain>> {
        self.brain.get().map(Arc::clone)
    }

    /// Lets requests in.
    pub fn open(&self, brain: Arc<Brain>) {
        // It is only ever set once, at start.
        drop(self.brain.set(brain));
    }
}

/// All routes.
pub fn routes(config: &Config, state: AppState, readiness: Readiness, metrics: PrometheusHandle) -> Router {
    let routes = Router::new()
        .route("/chat", post(chat::chat))
        .with_state(state.clone())
        .merge(admin::router(state))
        .merge(readiness::routes(readiness, metrics));
    with_layers(with_front_page(routes, config.frontend_dir.as_deref()), &config.cors_allowed_origins)
}

/// The built UI when there is one: unknown paths are the UI's own, so they get its page.
fn with_front_page(routes: Router, frontend: Option<&Path>) -> Router {
    match frontend {
        Some(dir) => routes.fallback_service(front_page(dir)),
        None => routes
            .route("/", get(|| async { Json(json!({ "service": "orchestrator", "version": env!("CARGO_PKG_VERSION") })) }))
            .fallback(no_such_route),
    }
}

async fn no_such_route() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no_such_route", "there is nothing at this address")
}

fn with_layers(routes: Router, origins: &[String]) -> Router {
    let routes = if origins.is_empty() { routes } else { routes.layer(cors(origins)) };
    routes
        .layer(RequestBodyLimitLayer::new(MOST_BODY_BYTES))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, REQUEST_TIMEOUT))
        .layer(TraceLayer::new_for_http().make_span_with(span).on_failure(DefaultOnFailure::new().level(Level::DEBUG)))
        .layer(PropagateRequestIdLayer::new(CORRELATION_ID))
        .layer(SetRequestIdLayer::new(CORRELATION_ID, NewCorrelationId))
}

/// Lets the pages of the listed origins call the API with their session; nobody else's.
fn cors(origins: &[String]) -> CorsLayer {
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::CONTENT_TYPE,
            header::AUTHORIZATION,
            header::IF_MATCH,
            HeaderName::from_static("x-requested-with"),
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("last-event-id"),
            CORRELATION_ID,
        ])
        .expose_headers([header::ETAG, header::RETRY_AFTER, CORRELATION_ID])
        .allow_credentials(true)
}

/// Carries the caller's correlation id through every log line; the path has no data in it, a query may.
fn span(request: &Request) -> tracing::Span {
    let id = request.headers().get(CORRELATION_ID).and_then(|id| id.to_str().ok()).filter(|id| id.len() <= 128);
    tracing::info_span!("request", method = %request.method(), path = request.uri().path(), correlation_id = id)
}

/// For callers that bring no id.
#[derive(Clone, Copy, Debug)]
struct NewCorrelationId;

impl MakeRequestId for NewCorrelationId {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<RequestId> {
        HeaderValue::from_str(&uuid::Uuid::now_v7().to_string()).ok().map(RequestId::new)
    }
}
