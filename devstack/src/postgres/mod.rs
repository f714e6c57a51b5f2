//! A private Postgres: a port of its own, real durability (`fsync` on), and faults on command.
//! Making its data directory is in `cluster`, cleaning up after a dead owner in `stale`.

mod cluster;
mod stale;

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use rustix::process::Signal;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::time::{sleep, timeout};

use crate::{
    packages, ports, proc_table,
    process::{DeathSignal, Process, ProcessSpec},
    run_dir::RunDir,
};
use cluster::Cluster;

/// Crash recovery of a kept database may take a while.
const START_DEADLINE: Duration = Duration::from_secs(60);
/// A fast shutdown writes a checkpoint first.
const STOP_GRACE: Duration = Duration::from_secs(20);

/// How to start one.
#[derive(Clone, Debug, Default)]
pub struct PostgresOptions {
    /// Keep the data here between runs; without it they live in a temporary directory.
    pub dir: Option<PathBuf>,
    /// A fixed port; without it any free one.
    pub port: Option<u16>,
    /// Server settings on top of ours, e.g. `("max_connections", "400")`.
    pub settings: Vec<(String, String)>,
}

/// A running (or stopped, or killed) private server.
#[derive(Debug)]
pub struct Postgres {
    // Before the directory: the server must be dead when its files are removed.
    process: Option<Process>,
    spec: ProcessSpec,
    cluster: Cluster,
    port: u16,
    _dir: RunDir,
}

impl Postgres {
    /// Starts it and waits until it answers. Installs Postgres when it is missing and we are root.
    pub async fn start(options: PostgresOptions) -> Result<Self> {
        tokio::task::spawn_blocking(packages::ensure_installed).await??;
        let dir = match &options.dir {
            Some(path) => RunDir::kept(path)?,
            None => RunDir::temporary("postgres")?,
        };
        let cluster = Cluster::prepare(dir.path()).await?;
        stale::clear(&cluster.data);
        let port = options.port.map_or_else(ports::free_port, Ok)?;
        let signal = if dir.is_temporary() { DeathSignal::Quit } else { DeathSignal::Interrupt };
        let spec = ProcessSpec {
            name: "postgres".into(),
            program: cluster.bin.join("postgres"),
            args: cluster.server_args(port, &options.settings),
            dir: dir.path().to_path_buf(),
            death_signal: signal,
            account: cluster.account,
            ..ProcessSpec::default()
        };
        let mut postgres = Self { process: None, spec, cluster, port, _dir: dir };
        postgres.run().await?;
        Ok(postgres)
    }

    /// Connection string of a database, as superuser.
    pub fn dsn(&self, database: &str) -> String {
        let Cluster { user, password, .. } = &self.cluster;
        format!("postgres://{user}:{password}@127.0.0.1:{}/{database}", self.port)
    }

    /// The loopback port, the same over all restarts.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Directory of the Unix socket; `None` where its path would be too long for one.
    pub fn socket_dir(&self) -> Option<&Path> {
        self.cluster.socket_dir.as_deref()
    }

    /// The server's process, `None` while it is stopped.
    pub fn process(&self) -> Option<&Process> {
        self.process.as_ref()
    }

    /// Creates an empty database and returns its connection string.
    pub async fn create_database(&self, name: &str) -> Result<String> {
        create_database(&self.dsn("postgres"), name).await?;
        Ok(self.dsn(name))
    }

    /// Fast shutdown: sessions are cut, nothing is lost. Does nothing when it is down already.
    pub async fn stop(&mut self) -> Result<()> {
        if let Some(process) = self.process.take() {
            let status = process.stop_with(Signal::INT, STOP_GRACE).await;
            if !status.success() {
                return Err(process.death(status));
            }
        }
        Ok(())
    }

    /// A crash: every process of the server is killed at once, as when the power fails.
    pub async fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            let sessions = proc_table::children(process.pid());
            process.sigkill();
            for pid in sessions {
                proc_table::send(pid, Signal::KILL);
            }
            process.exited().await;
        }
    }

    /// Starts again on the same port with the same data, after a fast shutdown if it still runs.
    pub async fn restart(&mut self) -> Result<()> {
        self.stop().await?;
        self.run().await
    }

    /// Freezes the server with all its sessions: connections stay open and nothing answers.
    pub fn pause(&self) {
        self.signal_all(Signal::STOP);
    }

    /// Ends a [`Postgres::pause`].
    pub fn resume(&self) {
        self.signal_all(Signal::CONT);
    }

    fn signal_all(&self, signal: Signal) {
        if let Some(process) = &self.process {
            process.signal(signal);
            for pid in proc_table::children(process.pid()) {
                proc_table::send(pid, signal);
            }
        }
    }

    /// Starts the process and waits for an answer. After a crash the last sessions may still hold the shared
    /// memory for a moment; the server then refuses to start, and is started again.
    async fn run(&mut self) -> Result<()> {
        let end = Instant::now() + START_DEADLINE;
        loop {
            let process = Process::spawn(&self.spec).await?;
            match self.answers(&process, end).await {
                Ok(()) => {
                    self.process = Some(process);
                    return Ok(());
                }
                Err(error) => {
                    let text = format!("{error:#}");
                    let passing = text.contains("shared memory block") || text.contains("postmaster.pid");
                    if !passing || Instant::now() >= end {
                        return Err(error);
                    }
                    drop(process);
                    sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    async fn answers(&self, process: &Process, end: Instant) -> Result<()> {
        let dsn = self.dsn("postgres");
        loop {
            if let Ok(Ok(connection)) = timeout(Duration::from_secs(2), PgConnection::connect(&dsn)).await {
                let _ = connection.close().await;
                return Ok(());
            }
            if let Some(status) = process.exit_status() {
                return Err(process.death(status));
            }
            if Instant::now() >= end {
                bail!("postgres does not answer:\n{}", process.log_tail(20));
            }
            sleep(Duration::from_millis(15)).await;
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(process) = &self.process {
            // Frozen sessions could not follow.
            self.resume();
            // Immediate shutdown: unlike SIGKILL it gives the shared memory back.
            process.signal(Signal::QUIT);
            process.block_until_dead(Duration::from_secs(6));
        }
    }
}

/// Creates an empty database on the server behind `admin_dsn`.
pub(crate) async fn create_database(admin_dsn: &str, name: &str) -> Result<()> {
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
        bail!("{name:?} is not a plain database name");
    }
    let mut connection = PgConnection::connect(admin_dsn).await.context("cannot reach Postgres")?;
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&mut connection)
        .await
        .with_context(|| format!("cannot create the database {name}"))?;
    connection.close().await?;
    Ok(())
}

/// Drops a database with the sessions that still use it.
pub(crate) async fn drop_database(admin_dsn: &str, name: &str) -> Result<()> {
    let mut connection = PgConnection::connect(admin_dsn).await.context("cannot reach Postgres")?;
    sqlx::query(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")))
        .execute(&mut connection)
        .await
        .with_context(|| format!("cannot drop the database {name}"))?;
    connection.close().await?;
    Ok(())
}
