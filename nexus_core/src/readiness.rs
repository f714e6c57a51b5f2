//! `/health`, `/ready` and `/metrics`, the same for both services.

use std::sync::Arc;
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

/// What keeps the service from working, empty when nothing does. Refreshed in the background, read without waiting.
#[derive(Clone, Debug)]
pub struct Readiness {
    missing: watch::Receiver<Arc<Vec<String>>>,
}

impl Readiness {
    /// Watches the database and its schema until shutdown.
    #[must_use]
    pub fn watch(pool: PgPool, shutdown: CancellationToken) -> Self {
        let (sender, missing) = watch::channel(Arc::new(vec!["starting".to_owned()]));
        tokio::spawn(async move {
            loop {
                let found = Arc::new(missing_parts(&pool).await);
                sender.send_replace(found);
                tokio::select! {
                    () = tokio::time::sleep(CHECK_EVERY) => {}
                    () = shutdown.cancelled() => return,
                }
            }
        });
        Self { missing }
    }

    /// Whether the last check found everything in place.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.missing.borrow().is_empty()
    }

    /// Waits for the first check that finds everything in place.
    pub async fn wait(&mut self) {
        // The sender lives as long as the process; an error is the end of it.
        drop(self.missing.wait_for(|missing| missing.is_empty()).await);
    }
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
    let missing = Arc::clone(&readiness.missing.borrow());
    if missing.is_empty() {
        return Json(json!({"status": "ok"})).into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"status": "unavailable", "missing": *missing}))).into_response()
}
