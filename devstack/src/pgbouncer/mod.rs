//! A private PgBouncer in transaction mode before a Postgres: what our services meet in larger installations.
//! Every database of the server is reachable under its name. Finding the program is in `program`.

mod program;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use reqwest::Url;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tokio::time::{sleep, timeout};

use crate::{
    account, ports,
    process::{Process, ProcessSpec},
    run_dir::RunDir,
    secrets,
};
use program::Program;

const START_DEADLINE: Duration = Duration::from_secs(20);

/// How to start one.
#[derive(Clone, Copy, Debug)]
pub struct PgBouncerOptions {
    /// How many prepared statements it remembers; 0 is how releases before 1.21 behave.
    pub max_prepared_statements: u32,
}

impl Default for PgBouncerOptions {
    fn default() -> Self {
        Self { max_prepared_statements: 200 }
    }
}

/// A running pooler. Dropping it kills it; the server behind it goes on.
#[derive(Debug)]
pub struct PgBouncer {
    // Before the directory, so that it is dead when that is removed.
    process: Process,
    server: Url,
    port: u16,
    _dir: RunDir,
}

impl PgBouncer {
    /// Starts one before the server behind a connection string, and waits until it answers for that database.
    pub async fn start(server_dsn: &str) -> Result<Self> {
        Self::start_with(server_dsn, PgBouncerOptions::default()).await
    }

    /// The same with options.
    pub async fn start_with(server_dsn: &str, options: PgBouncerOptions) -> Result<Self> {
        let program = tokio::task::spawn_blocking(Program::find).await??;
        let server = Url::parse(server_dsn).context("the server's connection string is not a URL")?;
        let dir = RunDir::temporary("pgbouncer")?;
        let account = account::for_servers()?;
        let port = ports::free_port()?;
        let users = dir.path().join("users.txt");
        secrets::write_private(&users, &user_line(&server))?;
        let config = dir.path().join("pgbouncer.ini");
        secrets::write_private(&config, &settings(&server, port, &users.display().to_string(), options))?;
        if let Some(account) = account {
            // It refuses to run as root.
            account.own(&users)?;
            account.own(&config)?;
        }
        let mut args = program.args;
        args.push(config.into());
        let spec = ProcessSpec {
            name: "pgbouncer".into(),
            program: program.file,
            args,
            dir: dir.path().to_path_buf(),
            account,
            ..ProcessSpec::default()
        };
        let process = Process::spawn(&spec).await?;
        let pooler = Self { process, server, port, _dir: dir };
        pooler.answers().await?;
        Ok(pooler)
    }

    /// Connection string of a database through the pooler.
    pub fn dsn(&self, database: &str) -> String {
        let mut dsn = self.server.clone();
        dsn.set_path(database);
        // Neither fails for a URL that has a host.
        let _ = dsn.set_host(Some("127.0.0.1"));
        let _ = dsn.set_port(Some(self.port));
        dsn.to_string()
    }

    /// Its process.
    pub fn process(&self) -> &Process {
        &self.process
    }

    async fn answers(&self) -> Result<()> {
        let options: PgConnectOptions = self.dsn(self.server.path().trim_start_matches('/')).parse()?;
        // Not on its list of what a client may set; our services do not set it either.
        let options = options.extra_float_digits(None);
        let end = Instant::now() + START_DEADLINE;
        loop {
            if let Ok(Ok(connection)) = timeout(Duration::from_secs(2), PgConnection::connect_with(&options)).await {
                let _ = connection.close().await;
                return Ok(());
            }
            if let Some(status) = self.process.exit_status() {
                return Err(self.process.death(status));
            }
            if Instant::now() >= end {
                bail!("pgbouncer does not answer:\n{}", self.process.log_tail(20));
            }
            sleep(Duration::from_millis(15)).await;
        }
    }
}

/// The administrator's own entry. Private servers have passwords of hexadecimal digits, which need no quoting.
fn user_line(server: &Url) -> String {
    format!("\"{}\" \"{}\"\n", server.username(), server.password().unwrap_or_default())
}

fn settings(server: &Url, port: u16, users: &str, options: PgBouncerOptions) -> String {
    let PgBouncerOptions { max_prepared_statements } = options;
    let user = server.username();
    let host = server.host_str().unwrap_or("127.0.0.1");
    let server_port = server.port().unwrap_or(5432);
    // Other users than the server's administrator sign in with what the server knows of them.
    let sign_in = if server.password().is_some_and(|password| !password.is_empty()) { "scram-sha-256" } else { "trust" };
    format!(
        "[databases]\n* = host={host} port={server_port} auth_dbname=postgres\n\n\
         [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
         auth_type = {sign_in}\nauth_file = {users}\nauth_user = {user}\n\
         pool_mode = transaction\n\
         max_prepared_statements = {max_prepared_statements}\n\
         max_client_conn = 2000\n\
         ; Fewer than the services' own pools, so that clients really share.\n\
         default_pool_size = 12\n\
         ; The many databases of a test run come and go.\n\
         server_idle_timeout = 5\nautodb_idle_timeout = 10\n\
         server_login_retry = 1\n\
         ; Nothing but our own settings at the connection is passed on.\n\
         log_connections = 0\nlog_disconnections = 0\n"
    )
}
