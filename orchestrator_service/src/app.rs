//! The wiring: the server first, then the database, then the workers; at the end the other way round.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use nexus_core::readiness::{Readiness, Watched};
use nexus_core::wake::Redis;
use nexus_core::{lifecycle, telemetry};
use secrecy::ExposeSecret;
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Config;
use crate::handoff::Mailer;
use crate::inbox::attention;
use crate::live::Hub;
use crate::model::Model;
use crate::routes::{AppState, routes};
use crate::state::Brain;
use crate::tools::Registry;
use crate::{housekeeping, jobs_worker, startup, tenants, turns};

/// Within the thirty seconds that orchestrators of containers usually leave.
const GRACE: Duration = Duration::from_secs(25);

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The port is taken, or not ours to take.
    #[error("could not listen on the port")]
    Listen(#[source] std::io::Error),
    /// The database cannot be used.
    #[error(transparent)]
    Startup(#[from] startup::StartupError),
    /// The default tenant could not be made.
    #[error("could not create the default tenant")]
    Bootstrap(#[from] tenants::ApplyError),
    /// A setting that only its client can judge.
    #[error("{0} cannot be used")]
    Setting(&'static str, #[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A listening service whose database may not be ready yet.
pub struct App {
    config: Arc<Config>,
    pool: PgPool,
    state: AppState,
    /// Set once the first tenant is there: a customer's message before that would belong to nobody.
    is_prepared: Arc<AtomicBool>,
    address: SocketAddr,
    shutdown: CancellationToken,
    tasks: TaskTracker,
}

impl App {
    /// Listens and answers `/health`; everything else follows in [`App::run`].
    pub async fn listen(config: Config, metrics: PrometheusHandle, shutdown: CancellationToken) -> Result<Self, AppError> {
        let config = Arc::new(config);
        let pool = startup::pool(&config.stores)?;
        let state =
            AppState::new(&config).map_err(|error| AppError::Setting("CREDENTIALS_KEY or OIDC_ISSUER_URL", error.into()))?;
        let is_prepared = Arc::new(AtomicBool::new(false));
        let watched = Watched { pool: pool.clone(), neighbour: None, is_prepared: Arc::clone(&is_prepared) };
        let readiness = Readiness::watch(watched, shutdown.clone());
        let listener = TcpListener::bind(config.address()).await.map_err(AppError::Listen)?;
        let address = listener.local_addr().map_err(AppError::Listen)?;
        let tasks = TaskTracker::new();
        let service = routes(&config, state.clone(), readiness, metrics).into_make_service_with_connect_info::<SocketAddr>();
        let server = axum::serve(listener, service).with_graceful_shutdown(shutdown.clone().cancelled_owned());
        tasks.spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, "the server stopped");
            }
        });
        tracing::info!(%address, "listening");
        Ok(Self { config, pool, state, is_prepared, address, shutdown, tasks })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Prepares the database, works until shutdown, and lets what has begun end.
    pub async fn run(self) -> Result<(), AppError> {
        let brain = tokio::select! {
            brain = self.awaken() => Some(brain?),
            () = self.shutdown.cancelled() => None,
        };
        if let Some(brain) = brain {
            self.state.open(Arc::clone(&brain));
            self.is_prepared.store(true, Ordering::Release);
            self.tasks.spawn(brain.live.clone().run());
            self.tasks.spawn(turns::run(Arc::clone(&brain), self.shutdown.clone()));
            self.tasks.spawn(attention::run(Arc::clone(&brain), self.shutdown.clone()));
            self.tasks.spawn(housekeeping::run(Arc::clone(&brain), self.shutdown.clone()));
            self.tasks.spawn(jobs_worker::run(brain, self.shutdown.clone()));
            self.shutdown.cancelled().await;
        }
        lifecycle::drain(self.tasks, GRACE).await;
        Ok(())
    }

    async fn awaken(&self) -> Result<Arc<Brain>, AppError> {
        let config = &self.config;
        let setting = |name: &'static str| move |error: Box<dyn std::error::Error + Send + Sync>| AppError::Setting(name, error);
        let vault = config.vault().map_err(|error| setting("CREDENTIALS_KEY")(error.into()))?;
        let redis = Redis::new(config.stores.redis.expose_secret()).map_err(|error| setting("REDIS_URL")(error.into()))?;
        let live = Hub::new(config.stores.redis.expose_secret(), redis.clone(), self.shutdown.clone())
            .map_err(|error| setting("REDIS_URL")(error.into()))?;
        let model = Model::new(&config.model).map_err(|error| setting("the model's HTTP client")(error.into()))?;
        let mailer = config.mail.as_ref().map(Mailer::new).transpose().map_err(|error| setting("SMTP_HOST")(error.into()))?;
        let db = startup::prepare(&config.stores, self.pool.clone()).await?;
        let tools = Registry::new();
        tenants::bootstrap(&db, &vault, &tools, &config.store).await?;
        Ok(Arc::new(Brain {
            db,
            vault,
            redis,
            live,
            model,
            tools,
            mailer,
            outside: config.outside.clone(),
            platform_url: config.platform_url.clone(),
            turns: config.turns,
            job_retry_scale: config.job_retry_scale,
            tasks: self.tasks.clone(),
        }))
    }
}

/// Runs the service until a signal ends it.
pub async fn serve(config: Config) -> anyhow::Result<()> {
    let metrics = telemetry::start_metrics()?;
    let shutdown = CancellationToken::new();
    lifecycle::stop_on_signals(shutdown.clone())?;
    let app = App::listen(config, metrics, shutdown).await?;
    app.run().await?;
    Ok(())
}
