//! The running whole: Postgres, Redis, simulators, brain and edge, each of them killable.
//! How it comes up is in `start`, what the services are told in `env`, what can be chosen in `builder`.

mod builder;
mod database;
mod env;
mod simulators;
mod start;
mod tenant;

use std::{path::Path, time::Duration};

use anyhow::{Context, Result};
use sqlx::PgPool;

use self::database::Database;
pub use self::{
    builder::{Business, DEFAULT_BUSINESS, SECOND_BUSINESS, StackBuilder},
    simulators::Simulators,
};
use crate::{postgres::Postgres, process::Process, redis::Redis, run_dir::RunDir, secrets::Secrets, service::Service, sim::Sim};

const SIMULATORS_GRACE: Duration = Duration::from_secs(5);

/// All of Nexus. Fields are in the order in which dropping must kill them.
#[derive(Debug)]
pub struct Stack {
    /// `whatsapp_service`.
    pub edge: Service,
    /// `orchestrator_service`.
    pub brain: Service,
    /// The outside world.
    pub simulators: Simulators,
    sim: Sim,
    secrets: Secrets,
    pool: PgPool,
    redis_url: String,
    redis: Option<Redis>,
    database: Database,
    dir: RunDir,
}

/// Where to find what.
#[derive(Clone, Debug)]
pub struct Urls {
    /// Base of the edge.
    pub edge: String,
    /// Base of the brain; also the UI when it serves one.
    pub brain: String,
    /// Base of the simulators.
    pub simulators: String,
    /// The customer's phone.
    pub phone: String,
    /// The mails that went out.
    pub mail: String,
}

impl Stack {
    /// Chooses what to start.
    pub fn builder() -> StackBuilder {
        StackBuilder::default()
    }

    /// The addresses of everything with a page or an API.
    pub fn urls(&self) -> Urls {
        let simulators = self.simulators.http.clone();
        Urls {
            edge: self.edge.url(),
            brain: self.brain.url(),
            phone: format!("{simulators}/phone"),
            mail: format!("{simulators}/mail"),
            simulators,
        }
    }

    /// What the programs of this stack share.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// A pool on the stack's database as superuser, past any pooler: sees all tenants.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Connection string of the stack's database, as the services have it.
    pub fn postgres_dsn(&self) -> &str {
        self.database.dsn()
    }

    /// URL of the stack's Redis.
    pub fn redis_url(&self) -> &str {
        &self.redis_url
    }

    /// The simulators' control API.
    pub fn sim(&self) -> &Sim {
        &self.sim
    }

    /// Where logs and media lie.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The stack's own Postgres, to kill or freeze it. An error when it is shared: see
    /// [`StackBuilder::own_postgres`].
    pub fn postgres(&mut self) -> Result<&mut Postgres> {
        self.database.server().context("this stack shares its Postgres; build it with own_postgres()")
    }

    /// The stack's own Redis, to kill or freeze it.
    pub fn redis(&mut self) -> Result<&mut Redis> {
        self.redis.as_mut().context("this stack uses a Redis that it did not start")
    }

    /// `kill -9` for the edge.
    pub async fn kill_edge(&self) {
        self.edge.kill().await;
    }

    /// `kill -9` for the brain.
    pub async fn kill_brain(&self) {
        self.brain.kill().await;
    }

    /// Stops the edge if it runs, and starts it with changed environment on the same port.
    pub async fn restart_edge(&mut self, env: &[(&str, &str)]) -> Result<()> {
        self.edge.restart(env).await
    }

    /// Stops the brain if it runs, and starts it with changed environment on the same port.
    pub async fn restart_brain(&mut self, env: &[(&str, &str)]) -> Result<()> {
        self.brain.restart(env).await
    }

    /// Waits until any child dies and tells which, with the end of its log.
    pub async fn first_death(&self) -> anyhow::Error {
        tokio::select! {
            error = death(Some(self.edge.process())) => error,
            error = death(Some(self.brain.process())) => error,
            error = death(Some(&self.simulators.process)) => error,
            error = death(self.redis.as_ref().and_then(Redis::process)) => error,
            error = death(self.database.process()) => error,
        }
    }

    /// Orderly end: the services first, then what they depend on.
    pub async fn stop(mut self) -> Result<()> {
        tokio::join!(self.edge.stop(), self.brain.stop());
        self.simulators.process.terminate(SIMULATORS_GRACE).await;
        self.pool.close().await;
        if let Some(redis) = &mut self.redis {
            redis.stop().await;
        }
        self.database.close().await
    }
}

async fn death(process: Option<&Process>) -> anyhow::Error {
    match process {
        Some(process) => {
            let status = process.exited().await;
            process.death(status)
        }
        None => std::future::pending().await,
    }
}
