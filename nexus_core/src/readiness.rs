//! `/health`, `/ready` and `/metrics`, the same for both services.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;
use sqlx::PgPool;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::db;

const CHECK_EVERY: Duration = Duration::from_secs(1);

/// What keeps the service from working. Refreshed in the background, read without waiting.
#[derive(Clone, Debug)]
pub struct Readiness {
    checked: watch::Receiver<Arc<Checked>>,
    /// Set at the first check that found everything, and never again unset.
    has_been_ready: Arc<AtomicBool>,
}

/// The other service, which a service can do without for a while.
#[derive(Clone, Debug)]
pub struct Neighbour {
    /// Its name in the answer.
    pub name: &'static str,
    /// Its base URL.
    pub url: String,
}

/// What is watched.
#[derive(Debug)]
pub struct Watched {
    /// The database whose schema must be there.
    pub pool: PgPool,
    /// The other service; its absence is told and does not count.
    pub neighbour: Option<Neighbour>,
    /// Whether the service has done what it must do before its first request, apart from the schema.
    pub is_prepared: Arc<AtomicBool>,
}

#[derive(Debug, Default)]
struct Checked {
    missing: Vec<String>,
    neighbour: Option<(&'static str, &'static str)>,
}

impl Readiness {
    /// Watches until shutdown.
    #[must_use]
    pub fn watch(watched: Watched, shutdown: CancellationToken) -> Self {
        let starting = Checked { missing: vec!["starting".to_owned()], neighbour: None };
        let (sender, checked) = watch::channel(Arc::new(starting));
        let has_been_ready = Arc::new(AtomicBool::new(false));
        let reached = Arc::clone(&has_been_ready);
        tokio::spawn(async move {
            while !shutdown.is_cancelled() {
                let (mut missing, neighbour) = tokio::join!(missing_parts(&watched.pool), ask(watched.neighbour.as_ref()));
                if missing.is_empty() && !watched.is_prepared.load(Ordering::Acquire) {
                    missing.push("starting".to_owned());
                }
                if missing.is_empty() {
                    reached.store(true, Ordering::Relaxed);
                }
                sender.send_replace(Arc::new(Checked { missing, neighbour }));
                tokio::select! {
                    () = tokio::time::sleep(CHECK_EVERY) => {}
                    () = shutdown.cancelled() => {}
                }
            }
        });
        Self { checked, has_been_ready }
    }

    /// Whether the schema has been there since the start. Requests go by this and by what the database then answers:
    /// a check that is a second old must not turn away what could be stored.
    #[must_use]
    pub fn has_been_ready(&self) -> bool {
        self.has_been_ready.load(Ordering::Relaxed)
    }

    /// Waits for the first check that finds everything in place.
    pub async fn wait(&mut self) {
        // The sender lives as long as the process; an error is the end of it.
        drop(self.checked.wait_for(|checked| checked.missing.is_empty()).await);
    }
}

async fn ask(neighbour: Option<&Neighbour>) -> Option<(&'static str, &'static str)> {
    let neighbour = neighbour?;
    let url = format!("{}/health", neighbour.url.trim_end_matches('/'));
    let answer = tokio::time::timeout(Duration::from_secs(2), reqwest::get(url)).await;
    let is_well = matches!(answer, Ok(Ok(answer)) if answer.status().is_success());
    Some((neighbour.name, if is_well { "ok" } else { "unreachable" }))
}

/// Asks the database for its schema and whether a commit means "on disk" there.
async fn missing_parts(pool: &PgPool) -> Vec<String> {
    let version = match tokio::time::timeout(Duration::from_secs(2), db::schema_version(pool)).await {
        Ok(Ok(version)) => version.unwrap_or(0),
        Ok(Err(_)) | Err(_) => return vec!["postgres does not answer".to_owned()],
    };
    let required = db::required_schema_version();
    if version < required {
        return vec![format!("the schema is at {version} and must be at {required}; the orchestrator migrates it at start")];
    }
    match sqlx::query_scalar::<_, String>("SHOW synchronous_commit").fetch_one(pool).await {
        Ok(mode) if mode == "off" => vec!["postgres runs with synchronous_commit=off; set it to on".to_owned()],
        Ok(_) => Vec::new(),
        Err(_) => vec!["postgres does not answer".to_owned()],
    }
}

/// The routes. `health` never touches the database.
pub fn routes(readiness: Readiness, metrics: PrometheusHandle) -> Router {
    Router::new()
        .route("/health", get(|| async { Json(json!({"status": "ok"})) }))
        .route("/ready", get(ready).with_state(readiness))
        .route("/metrics", get(move || std::future::ready(metrics.render())))
}

async fn ready(State(readiness): State<Readiness>) -> Response {
    let checked = Arc::clone(&readiness.checked.borrow());
    let mut answer = if checked.missing.is_empty() {
        json!({"status": "ok"})
    } else {
        json!({"status": "unavailable", "missing": checked.missing})
    };
    if let Some((name, state)) = checked.neighbour {
        answer[name] = json!(state);
    }
    let status = if checked.missing.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(answer)).into_response()
}
