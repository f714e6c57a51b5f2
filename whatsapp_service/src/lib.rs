//! The edge: receives webhooks, projects them, delivers the outbox. All provider code lives here.

mod channels;
mod config;
mod delivery;
mod journal;
mod projector;
pub mod providers;
mod routes;
mod send;
mod server;
mod state;
mod webhooks;

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::Context as _;
use nexus_core::db::{self, PoolSize};
use nexus_core::readiness::{self, Neighbour, Readiness, Watched};
use nexus_core::tenancy::Db;
use nexus_core::wake::{Redis, Topic};
use nexus_core::{lifecycle, telemetry};
use secrecy::ExposeSecret as _;
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, Notify, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use config::Config;

use channels::Channels;
use journal::{Committer, Journal, Pending, Seen};
use providers::ycloud::client::Client;
use state::{AppState, Handles};

/// While one committer waits for Redis or the disk, the other gathers; more would only make smaller batches.
const COMMITTERS: u32 = 2;
/// Postgres gone must be an answer within two seconds, the wait for a commit included. One connection is for readiness.
const JOURNAL_POOL: PoolSize = PoolSize { connections: COMMITTERS + 1, acquire_timeout: Duration::from_millis(800) };
const WORKERS_POOL: PoolSize = PoolSize { connections: 16, acquire_timeout: Duration::from_secs(5) };
const GRACE: Duration = Duration::from_secs(20);

/// The whole service.
#[derive(Debug)]
pub struct App;

impl App {
    /// Runs until SIGTERM or Ctrl-C.
    pub async fn serve(config: Config) -> ExitCode {
        telemetry::start_logging(config.log_format, config.log_filter.as_deref());
        match run(config).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                tracing::error!("the service ends: {error:#}");
                ExitCode::FAILURE
            }
        }
    }
}

async fn run(config: Config) -> anyhow::Result<()> {
    let shutdown = CancellationToken::new();
    lifecycle::stop_on_signals(shutdown.clone()).context("signals cannot be handled")?;
    let metrics = telemetry::start_metrics().context("metrics cannot be started")?;
    let address = SocketAddr::from((Ipv4Addr::UNSPECIFIED, config.port));
    let listener = TcpListener::bind(address).await.with_context(|| format!("port {} cannot be opened", config.port))?;

    let journal_pool = db::connect_lazily(&config.postgres_dsn, JOURNAL_POOL)?;
    let pool = db::connect_lazily(&config.postgres_dsn, WORKERS_POOL)?;
    let brain = config.orchestrator_url.clone().map(|url| Neighbour { name: "orchestrator", url });
    let watched = Watched { pool: journal_pool.clone(), neighbour: brain, is_prepared: Arc::new(AtomicBool::new(true)) };
    let readiness = Readiness::watch(watched, shutdown.clone());
    // Health and refusals must answer before the database does.
    let db = Db::lazy(pool);
    let redis = Redis::new(config.redis_url.expose_secret())?;
    let (journal, waiting) = Journal::new();
    let app = AppState::new(Handles {
        channels: Channels::new(db.clone(), config.vault.clone()),
        ycloud: Client::new(&config.ycloud_api_url)?,
        config,
        db,
        redis,
        journal,
        readiness,
    });
    let tasks = TaskTracker::new();
    let project = Arc::new(Notify::new());
    start_committers(&app, waiting, &journal_pool, &project);
    start_workers(&app, project, &tasks, &shutdown);
    let operations = readiness::routes(app.readiness.clone(), metrics);
    tracing::info!(port = app.config.port, "the edge listens");
    server::serve(listener, routes::router(app, operations), shutdown, GRACE).await;
    lifecycle::drain(tasks, GRACE).await;
    Ok(())
}

fn start_committers(app: &AppState, waiting: mpsc::Receiver<Pending>, pool: &PgPool, project: &Arc<Notify>) {
    let waiting = Arc::new(Mutex::new(waiting));
    for _ in 0..COMMITTERS {
        let committer = Committer {
            waiting: Arc::clone(&waiting),
            pool: pool.clone(),
            seen: Seen::new(app.redis.clone()),
            projector: Arc::clone(project),
        };
        // Not drained: the graceful stop of the server waits for every request, and so for every commit.
        tokio::spawn(committer.run());
    }
}

fn start_workers(app: &AppState, project: Arc<Notify>, tasks: &TaskTracker, shutdown: &CancellationToken) {
    let deliver = Arc::new(Notify::new());
    tasks.spawn(app.channels.clone().keep_fresh(shutdown.clone()));
    if !app.config.has_workers {
        return;
    }
    app.redis.notify_on(Topic::Outbox, Arc::clone(&deliver), shutdown.clone());
    delivery::show_typing(app, shutdown.clone());
    tasks.spawn(projector::run(app.clone(), project, shutdown.clone()));
    tasks.spawn(delivery::run(app.clone(), deliver, tasks.clone(), shutdown.clone()));
}

/// Asks the service on this machine whether it lives.
pub async fn healthcheck(port: u16) -> ExitCode {
    let answer = reqwest::get(format!("http://127.0.0.1:{port}/health")).await;
    if answer.is_ok_and(|answer| answer.status().is_success()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
