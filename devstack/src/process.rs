//! A child process: its log in a file, its environment spelled out, its end observed. It dies with us.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::ExitStatus,
    thread::sleep as block,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail};
use rustix::process::Signal;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use crate::{account::Account, http, proc_table, spawn};

/// How many lines of the log an error message carries.
const TAIL_LINES: usize = 25;
/// The end of the log that is looked at; a line cannot be longer than this.
const TAIL_BYTES: u64 = 64 * 1024;

/// What a child receives when its parent dies.
#[derive(Clone, Copy, Debug, Default)]
pub enum DeathSignal {
    /// Ends at once.
    #[default]
    Kill,
    /// Postgres: fast shutdown, nothing to recover at the next start.
    Interrupt,
    /// Postgres: immediate shutdown, shared memory given back.
    Quit,
    /// A polite end, for programs with children of their own.
    Terminate,
}

impl DeathSignal {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Kill => "KILL",
            Self::Interrupt => "INT",
            Self::Quit => "QUIT",
            Self::Terminate => "TERM",
        }
    }
}

/// What to run.
#[derive(Clone, Debug, Default)]
pub struct ProcessSpec {
    /// Short name: of the log file and in messages.
    pub name: String,
    /// Absolute path of the program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Its whole environment, apart from `PATH`, `HOME` and `RUST_BACKTRACE`.
    pub env: BTreeMap<String, String>,
    /// Where the log and the pid file go, and the child's working directory.
    pub dir: PathBuf,
    /// What it receives when we die.
    pub death_signal: DeathSignal,
    /// Whether stdout goes to `<name>.out` instead of the log, to be read by the parent.
    pub separate_stdout: bool,
    /// The account to run under; `None` is our own.
    pub account: Option<Account>,
}

/// A running or finished child. Dropping it kills it.
#[derive(Debug)]
pub struct Process {
    name: String,
    pid: u32,
    log: PathBuf,
    out: PathBuf,
    pid_file: PathBuf,
    exit: watch::Receiver<Option<ExitStatus>>,
}

impl Process {
    /// Starts it. Its log is appended to, so that the log of a restarted service shows its whole life.
    pub async fn spawn(spec: &ProcessSpec) -> Result<Self> {
        let file = |ending: &str| spec.dir.join(format!("{}.{ending}", spec.name));
        let (log, out, pid_file) = (file("log"), file("out"), file("pid"));
        let log_file = File::options().create(true).append(true).open(&log)?;
        let stdout = if spec.separate_stdout { File::create(&out)? } else { log_file.try_clone()? };
        let mut command = spawn::server_command(&spec.program, spec.death_signal);
        command.args(&spec.args).current_dir(&spec.dir).stdout(stdout).stderr(log_file);
        command.env_clear().env("RUST_BACKTRACE", "1");
        for inherited in ["PATH", "HOME"] {
            command.envs(std::env::var_os(inherited).map(|value| (inherited, value)));
        }
        command.envs(&spec.env);
        if let Some(account) = spec.account {
            command.gid(account.gid).uid(account.uid);
        }
        let mut child =
            spawn::spawn(command).await.with_context(|| format!("cannot start {} ({})", spec.name, spec.program.display()))?;
        let pid = child.id();
        let started = proc_table::start_time(pid).unwrap_or_default();
        fs::write(&pid_file, format!("{pid} {started}\n"))?;
        let (report, exit) = watch::channel(None);
        std::thread::Builder::new().name(format!("wait-{}", spec.name)).spawn(move || {
            // Waiting fails only for a child that is not ours any more.
            report.send_replace(child.wait().ok().or(Some(ExitStatus::default())));
        })?;
        Ok(Self { name: spec.name.clone(), pid, log, out, pid_file, exit })
    }

    /// The short name it was started under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its process id, also after its death.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Where its log is.
    pub fn log_path(&self) -> &Path {
        &self.log
    }

    /// How it ended; `None` while it runs.
    pub fn exit_status(&self) -> Option<ExitStatus> {
        *self.exit.borrow()
    }

    /// Waits for its end.
    pub async fn exited(&self) -> ExitStatus {
        let mut exit = self.exit.clone();
        // The reporting thread always reports before it drops its end.
        exit.wait_for(Option::is_some).await.ok().and_then(|status| *status).unwrap_or_default()
    }

    /// `kill -9`, without waiting for the death.
    pub fn sigkill(&self) {
        self.signal(Signal::KILL);
    }

    /// Freezes it: connections stay open, nothing answers.
    pub fn pause(&self) {
        self.signal(Signal::STOP);
    }

    /// Ends a [`Process::pause`].
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    /// Asks it to stop, kills it after `grace`, and says how it ended.
    pub async fn terminate(&self, grace: Duration) -> ExitStatus {
        self.stop_with(Signal::TERM, grace).await
    }

    pub(crate) async fn stop_with(&self, signal: Signal, grace: Duration) -> ExitStatus {
        self.signal(signal);
        match timeout(grace, self.exited()).await {
            Ok(status) => status,
            Err(_) => {
                self.sigkill();
                self.exited().await
            }
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        // After its death the pid may belong to somebody else.
        if self.exit_status().is_none() {
            proc_table::send(self.pid, signal);
        }
    }

    /// Waits until `url` answers with success. Fails early when the process dies.
    pub async fn wait_ready(&self, url: &str, deadline: Duration) -> Result<()> {
        let client = http::client(Duration::from_secs(2))?;
        let end = Instant::now() + deadline;
        let mut last = String::from("no answer");
        loop {
            match client.get(url).send().await {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(answer) => {
                    let status = answer.status();
                    let body = answer.text().await.unwrap_or_default();
                    last = format!("{status} {}", body.chars().take(300).collect::<String>());
                }
                Err(error) => last = if error.is_timeout() { "no answer in time".into() } else { last },
            }
            if let Some(status) = self.exit_status() {
                return Err(self.death(status));
            }
            if Instant::now() >= end {
                let tail = self.log_tail(TAIL_LINES);
                bail!("{} is not ready after {deadline:?}: {url} says {last}\n{tail}", self.name);
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// The first complete line of its separate stdout: how a program on port 0 tells its address.
    pub async fn first_line(&self, deadline: Duration) -> Result<String> {
        let end = Instant::now() + deadline;
        loop {
            let text = fs::read_to_string(&self.out).unwrap_or_default();
            if let Some((line, _)) = text.split_once('\n') {
                return Ok(line.to_owned());
            }
            if let Some(status) = self.exit_status() {
                return Err(self.death(status));
            }
            if Instant::now() >= end {
                bail!("{} printed nothing in {deadline:?}\n{}", self.name, self.log_tail(TAIL_LINES));
            }
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// An error that tells of its death, with the end of its log.
    pub(crate) fn death(&self, status: ExitStatus) -> anyhow::Error {
        anyhow!("{} ended ({status}):\n{}", self.name, self.log_tail(TAIL_LINES))
    }

    /// The last lines of its log.
    pub fn log_tail(&self, lines: usize) -> String {
        tail(&self.log, lines).unwrap_or_default()
    }

    /// Waits without a runtime, for destructors.
    pub(crate) fn block_until_dead(&self, patience: Duration) {
        let end = Instant::now() + patience;
        while self.exit_status().is_none() && Instant::now() < end {
            block(Duration::from_millis(2));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.sigkill();
        self.block_until_dead(Duration::from_secs(2));
        // A restarted service may have written its own by now.
        if fs::read_to_string(&self.pid_file).is_ok_and(|text| text.starts_with(&format!("{} ", self.pid))) {
            let _ = fs::remove_file(&self.pid_file);
        }
    }
}

fn tail(log: &Path, lines: usize) -> Result<String> {
    let mut file = File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().collect();
    Ok(all.get(all.len().saturating_sub(lines)..).unwrap_or_default().join("\n"))
}
