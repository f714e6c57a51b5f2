//! One of our two services as a process that can be killed, stopped, reconfigured and multiplied.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use anyhow::Result;

use crate::{
    ports,
    process::{Process, ProcessSpec},
};

/// Environment variables of a program.
pub type EnvMap = BTreeMap<String, String>;

/// Longer than the services' own grace period.
const STOP_GRACE: Duration = Duration::from_secs(30);

/// A service with its address. Dropping it kills it.
#[derive(Debug)]
pub struct Service {
    process: Process,
    spec: ProcessSpec,
    port: u16,
    ready_within: Duration,
}

impl Service {
    /// Starts the program with `PORT` set, without waiting until it is ready.
    pub(crate) async fn start(
        (name, program): (&str, PathBuf),
        env: &EnvMap,
        port: u16,
        dir: PathBuf,
        ready_within: Duration,
    ) -> Result<Self> {
        let mut env = env.clone();
        env.insert("PORT".into(), port.to_string());
        let spec = ProcessSpec { name: name.into(), program, env, dir, ..ProcessSpec::default() };
        let process = Process::spawn(&spec).await?;
        Ok(Self { process, spec, port, ready_within })
    }

    /// Its base URL, the same over all restarts.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process behind it now: pid, log, exit status, pause.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// The environment it was started with.
    pub fn env(&self) -> &EnvMap {
        &self.spec.env
    }

    /// Waits until `/ready` says so.
    pub async fn wait_ready(&self) -> Result<()> {
        self.process.wait_ready(&format!("{}/ready", self.url()), self.ready_within).await
    }

    /// `kill -9`, and waits for the death.
    pub async fn kill(&self) {
        self.process.sigkill();
        self.process.exited().await;
    }

    /// Asks it to stop and waits; kills it when it does not.
    pub async fn stop(&self) {
        self.process.terminate(STOP_GRACE).await;
    }

    /// Starts it again on its port, after stopping it if it runs, and waits until it is ready. The changes to
    /// its environment stay for later restarts; an empty value counts as not set.
    pub async fn restart(&mut self, env: &[(&str, &str)]) -> Result<()> {
        self.start_again(env).await?;
        self.wait_ready().await
    }

    /// Like [`Service::restart`], without waiting until it is ready.
    pub async fn start_again(&mut self, env: &[(&str, &str)]) -> Result<()> {
        self.stop().await;
        self.spec.env.extend(env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.process = Process::spawn(&self.spec).await?;
        Ok(())
    }

    /// Another replica on a port of its own, ready to work.
    pub async fn replica(&self, name: &str, env: &[(&str, &str)]) -> Result<Self> {
        let mut all = self.spec.env.clone();
        all.extend(env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let program = (name, self.spec.program.clone());
        let dir = self.spec.dir.clone();
        let replica = Self::start(program, &all, ports::free_port()?, dir, self.ready_within).await?;
        replica.wait_ready().await?;
        Ok(replica)
    }

    pub(crate) fn spec(&self) -> &ProcessSpec {
        &self.spec
    }
}
