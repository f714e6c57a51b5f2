//! The service as its operator sees it.

use std::time::Duration;

use nexus_core::telemetry;
use orchestrator_service::startup::{self, StartupError};
use orchestrator_service::{App, AppError};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::support::world::config;
use crate::support::{FakeModel, World, eventually, postgres};

async fn status(url: String) -> Option<u16> {
    reqwest::get(url).await.ok().map(|response| response.status().as_u16())
}

#[tokio::test]
async fn health_answers_before_the_database_does_and_ready_does_not() {
    nexus_core::lifecycle::install_crypto_provider();
    let model = FakeModel::start().await;
    // Nobody listens on the discard port.
    let dsn = SecretString::from("postgres://nobody@127.0.0.1:9/nowhere");
    let shutdown = CancellationToken::new();
    let app = App::listen(config(&dsn, &model, &[]), telemetry::start_metrics().unwrap(), shutdown.clone()).await.unwrap();
    let base = format!("http://127.0.0.1:{}", app.address().port());
    let running = tokio::spawn(app.run());
    assert_eq!(status(format!("{base}/health")).await, Some(200));
    assert_eq!(status(format!("{base}/ready")).await, Some(503));
    shutdown.cancel();
    tokio::time::timeout(Duration::from_secs(20), running).await.expect("it stops while it waits").unwrap().unwrap();
}

#[tokio::test]
async fn an_empty_database_becomes_ready_and_the_front_page_answers() {
    nexus_core::lifecycle::install_crypto_provider();
    let model = FakeModel::start().await;
    let dsn = postgres::fresh_database().await;
    let shutdown = CancellationToken::new();
    let app = App::listen(config(&dsn, &model, &[]), telemetry::start_metrics().unwrap(), shutdown.clone()).await.unwrap();
    let base = format!("http://127.0.0.1:{}", app.address().port());
    let running = tokio::spawn(app.run());
    eventually("readiness", async || (status(format!("{base}/ready")).await == Some(200)).then_some(())).await;
    let front = reqwest::get(&base).await.unwrap();
    assert!(front.headers().contains_key("x-correlation-id"));
    assert!(front.text().await.unwrap().contains("orchestrator"));
    assert_eq!(status(format!("{base}/api/v1/nothing")).await, Some(404));
    assert_eq!(status(format!("{base}/metrics")).await, Some(200));
    shutdown.cancel();
    tokio::time::timeout(Duration::from_secs(20), running).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_changed_migration_refuses_to_start_and_says_what_to_do() {
    let world = World::new().await;
    world
        .run("UPDATE _sqlx_migrations SET checksum = 'x'::bytea WHERE version = (SELECT min(version) FROM _sqlx_migrations)")
        .await;
    let stores = &world.config.stores;
    let refused = startup::prepare(stores, startup::pool(stores).unwrap()).await.unwrap_err();
    assert!(matches!(refused, StartupError::Drift(_)));
    assert!(AppError::from(refused).to_string().contains("restore a backup"));
}

#[tokio::test]
async fn several_replicas_may_prepare_an_empty_database_at_once() {
    nexus_core::lifecycle::install_crypto_provider();
    let model = FakeModel::start().await;
    let stores = config(&postgres::fresh_database().await, &model, &[]).stores;
    let prepare = || async { startup::prepare(&stores, startup::pool(&stores).unwrap()).await.map(drop) };
    let (one, two, three) = tokio::join!(prepare(), prepare(), prepare());
    one.and(two).and(three).unwrap();
}
