//! Starting children that cannot outlive us, without unsafe code: `setpriv --pdeathsig` arms the kernel's
//! parent-death signal. That signal fires when the *thread* that forked ends, so one thread of its own, which
//! lives as long as the process, forks them all.

use std::{
    ffi::OsStr,
    io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, OnceLock, PoisonError, mpsc},
};

use anyhow::{Context, Result};
use tokio::sync::oneshot;

use crate::process::DeathSignal;

type Request = (Command, oneshot::Sender<io::Result<Child>>);

/// A command for `program` that dies with us when the system can do that. It must be spawned from a thread
/// that lives as long as the process, such as the one that runs `main`.
pub fn tied_command(program: &Path, signal: DeathSignal) -> Command {
    let Some(setpriv) = setpriv() else { return Command::new(program) };
    let mut command = Command::new(setpriv);
    command.args([OsStr::new("--pdeathsig"), OsStr::new(signal.name()), program.as_os_str()]);
    command
}

/// The same for a server: in a process group of its own, since a Ctrl-C at the terminal is for us, and we stop
/// the children in our own order.
pub(crate) fn server_command(program: &Path, signal: DeathSignal) -> Command {
    let mut command = tied_command(program, signal);
    command.process_group(0).stdin(Stdio::null());
    command
}

/// Forks on the long-lived thread.
pub(crate) async fn spawn(command: Command) -> Result<Child> {
    let (answer, child) = oneshot::channel();
    forker()?.send((command, answer)).ok().context("the forking thread is gone")?;
    Ok(child.await.context("the forking thread is gone")??)
}

fn forker() -> Result<mpsc::Sender<Request>> {
    static FORKER: Mutex<Option<mpsc::Sender<Request>>> = Mutex::new(None);
    let mut forker = FORKER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(sender) = forker.as_ref() {
        return Ok(sender.clone());
    }
    let (sender, requests) = mpsc::channel::<Request>();
    std::thread::Builder::new().name("forker".into()).spawn(move || {
        for (mut command, answer) in requests {
            // Nobody waiting for the answer any more: do not leave the child behind.
            if let Err(Ok(mut orphan)) = answer.send(command.spawn()) {
                let _ = orphan.kill();
                let _ = orphan.wait();
            }
        }
    })?;
    Ok(forker.insert(sender).clone())
}

/// util-linux's setpriv; busybox has one without the option.
fn setpriv() -> Option<&'static Path> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOUND
        .get_or_init(|| {
            let path = crate::packages::on_path("setpriv")?;
            let works = Command::new(&path)
                .args(["--pdeathsig", "KILL", "true"])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success());
            works.then_some(path)
        })
        .as_deref()
}
