//! The data directory of a private Postgres and the settings it runs with.

use std::{
    ffi::OsString,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use tokio::{process::Command, time::timeout};

use crate::{
    account::{self, Account},
    packages::{self, PostgresBin},
    place, secrets,
};

const SUPERUSER: &str = "nexus";
/// Linux allows 107 bytes; the file in it is called `.s.PGSQL.<port>.lock`.
const LONGEST_SOCKET_DIR: usize = 80;
const INITDB_DEADLINE: Duration = Duration::from_secs(120);

/// An initialised data directory.
#[derive(Debug)]
pub(super) struct Cluster {
    pub(super) bin: PathBuf,
    pub(super) data: PathBuf,
    pub(super) socket_dir: Option<PathBuf>,
    pub(super) user: &'static str,
    pub(super) password: String,
    pub(super) account: Option<Account>,
}

impl Cluster {
    /// Uses the data directory below `dir`, or makes one.
    pub(super) async fn prepare(dir: &Path) -> Result<Self> {
        let account = account::for_servers()?;
        let data = dir.join("data");
        let bin = matching_bin(&data)?;
        let password_file = dir.join("password");
        if !data.join("PG_VERSION").is_file() {
            secrets::write_private(&password_file, &secrets::token(16))?;
            initdb(&bin, &data, &password_file, account).await?;
        }
        let password = fs::read_to_string(&password_file)
            .with_context(|| format!("{} has lost its password file; delete the directory", dir.display()))?;
        let socket_dir = Some(dir.join("socket")).filter(|dir| dir.as_os_str().len() <= LONGEST_SOCKET_DIR);
        if let Some(socket_dir) = &socket_dir {
            make_owned(socket_dir, account, 0o755)?;
        }
        Ok(Self { bin, data, socket_dir, user: SUPERUSER, password, account })
    }

    /// Arguments of `postgres`. All settings are on the command line, so a kept directory follows our code.
    pub(super) fn server_args(&self, port: u16, extra: &[(String, String)]) -> Vec<OsString> {
        let socket_dir = self.socket_dir.as_ref().map(|dir| dir.display().to_string()).unwrap_or_default();
        let ours = [
            ("listen_addresses", "127.0.0.1"),
            ("unix_socket_directories", &socket_dir),
            // Durability is what the tests are about.
            ("fsync", "on"),
            ("synchronous_commit", "on"),
            // Several stacks, each with two pools, share one server.
            ("max_connections", "200"),
            ("shared_buffers", "128MB"),
            // Queue tables bloat quickly.
            ("autovacuum_naptime", "10s"),
            ("logging_collector", "off"),
            ("log_destination", "stderr"),
            ("log_line_prefix", "%m [%p] %d "),
            ("ssl", "off"),
            ("timezone", "UTC"),
            ("log_timezone", "UTC"),
        ];
        let extra = extra.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let mut args: Vec<OsString> = vec!["-D".into(), self.data.clone().into(), "-p".into(), port.to_string().into()];
        for (name, value) in ours.into_iter().chain(extra) {
            args.extend(["-c".into(), format!("{name}={value}").into()]);
        }
        args
    }
}

/// The newest Postgres, or for kept data the one that wrote them.
fn matching_bin(data: &Path) -> Result<PathBuf> {
    let bins = packages::postgres_bins();
    let written_by = fs::read_to_string(data.join("PG_VERSION")).ok().and_then(|text| text.trim().parse().ok());
    let fits = |bin: &&PostgresBin| written_by.is_none_or(|major: u32| bin.major == major);
    match (bins.iter().find(fits), written_by) {
        (Some(bin), _) => Ok(bin.dir.clone()),
        (None, Some(major)) => {
            bail!("{} was written by Postgres {major}, which is not installed; delete it to start afresh", data.display())
        }
        (None, None) => bail!("no Postgres 15 or newer found"),
    }
}

async fn initdb(bin: &Path, data: &Path, password: &Path, account: Option<Account>) -> Result<()> {
    // Half a directory of an interrupted run.
    if data.exists() {
        fs::remove_dir_all(data)?;
    }
    // Whatever stops us midway leaves no PG_VERSION under the final name.
    let unfinished = data.with_extension("new");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)?;
    }
    make_owned(&unfinished, account, 0o700)?;
    let mut command = Command::new(bin.join("initdb"));
    command.arg("-D").arg(&unfinished).arg("--pwfile").arg(password);
    command.args(["-U", SUPERUSER, "-A", "scram-sha-256", "-E", "UTF8", "--no-sync", "--no-instructions"]);
    // The same collation on every machine; macOS has no C.UTF-8.
    command.args(["--locale", if cfg!(target_os = "linux") { "C.UTF-8" } else { "en_US.UTF-8" }]);
    command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command.current_dir(&unfinished).stdin(Stdio::null()).kill_on_drop(true);
    if let Some(account) = account {
        account.own(password)?;
        command.gid(account.gid).uid(account.uid);
    }
    let output = timeout(INITDB_DEADLINE, command.output()).await.context("initdb takes too long")??;
    if !output.status.success() {
        bail!("initdb failed ({}):\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    fs::rename(&unfinished, data)?;
    Ok(())
}

fn make_owned(dir: &Path, account: Option<Account>, mode: u32) -> Result<()> {
    place::make_dir(dir)?;
    fs::set_permissions(dir, fs::Permissions::from_mode(mode))?;
    account.map_or(Ok(()), |account| account.own(dir))
}
