//! A private Redis that keeps nothing on disk: losing it must cost speed, never data.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use redis::AsyncConnectionConfig;
use tokio::time::sleep;

use crate::{
    packages, ports,
    process::{Process, ProcessSpec},
    run_dir::RunDir,
    secrets,
};

const START_DEADLINE: Duration = Duration::from_secs(20);
const STOP_GRACE: Duration = Duration::from_secs(5);

/// How to start one.
#[derive(Clone, Debug, Default)]
pub struct RedisOptions {
    /// Keep its log here; without it a temporary directory.
    pub dir: Option<PathBuf>,
    /// A fixed port; without it any free one.
    pub port: Option<u16>,
}

/// A running (or stopped, or killed) private server.
#[derive(Debug)]
pub struct Redis {
    // Before the directory, so that it is dead when that is removed.
    process: Option<Process>,
    spec: ProcessSpec,
    url: String,
    port: u16,
    _dir: RunDir,
}

impl Redis {
    /// Starts it and waits until it answers. Installs Redis when it is missing and we are root.
    pub async fn start(options: RedisOptions) -> Result<Self> {
        tokio::task::spawn_blocking(packages::ensure_installed).await??;
        let dir = match &options.dir {
            Some(path) => RunDir::kept(path)?,
            None => RunDir::temporary("redis")?,
        };
        let port = options.port.map_or_else(ports::free_port, Ok)?;
        let password = secrets::token(16);
        // In a file, because arguments are visible to every user of the machine.
        let config = dir.path().join("redis.conf");
        secrets::write_private(
            &config,
            &format!("bind 127.0.0.1\nport {port}\nsave \"\"\nappendonly no\nrequirepass {password}\n"),
        )?;
        let spec = ProcessSpec {
            name: "redis".into(),
            program: packages::on_path("redis-server").context("redis-server is missing")?,
            args: vec![config.into()],
            dir: dir.path().to_path_buf(),
            ..ProcessSpec::default()
        };
        let url = format!("redis://:{password}@127.0.0.1:{port}/0");
        let mut redis = Self { process: None, spec, url, port, _dir: dir };
        redis.run().await?;
        Ok(redis)
    }

    /// Its URL, database 0.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The loopback port, the same over all restarts.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The server's process, `None` while it is stopped.
    pub fn process(&self) -> Option<&Process> {
        self.process.as_ref()
    }

    /// Forgets everything.
    pub async fn flush(&self) -> Result<()> {
        let mut connection = self.connect().await?;
        redis::cmd("FLUSHALL").exec_async(&mut connection).await.context("cannot flush Redis")
    }

    /// Orderly shutdown. Does nothing when it is down already.
    pub async fn stop(&mut self) {
        if let Some(process) = self.process.take() {
            process.terminate(STOP_GRACE).await;
        }
    }

    /// `kill -9`.
    pub async fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            process.sigkill();
            process.exited().await;
        }
    }

    /// Starts again on the same port, empty.
    pub async fn restart(&mut self) -> Result<()> {
        self.stop().await;
        self.run().await
    }

    /// A connection to it.
    pub async fn connect(&self) -> Result<redis::aio::MultiplexedConnection> {
        // The default gives an answer only half a second, too short on a loaded machine.
        let config = AsyncConnectionConfig::new().set_response_timeout(Some(Duration::from_secs(5)));
        let client = redis::Client::open(self.url.as_str())?;
        Ok(client.get_multiplexed_async_connection_with_config(&config).await?)
    }

    async fn run(&mut self) -> Result<()> {
        let process = Process::spawn(&self.spec).await?;
        let end = Instant::now() + START_DEADLINE;
        loop {
            if let Ok(mut connection) = self.connect().await
                && redis::cmd("PING").exec_async(&mut connection).await.is_ok()
            {
                break;
            }
            if let Some(status) = process.exit_status() {
                return Err(process.death(status));
            }
            if Instant::now() >= end {
                bail!("redis does not answer:\n{}", process.log_tail(20));
            }
            sleep(Duration::from_millis(10)).await;
        }
        self.process = Some(process);
        Ok(())
    }
}
