//! Running cargo and other tools, and where cargo puts what it builds.

use std::{
    env,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
};

use anyhow::{Context, Result, bail};
use devstack::{DeathSignal, on_path, tied_command, workspace_root};
use tokio::process::Command;

use crate::signals::Stop;

/// Builds all programs of the product. Not ourselves, nor what only tests use.
pub(crate) async fn build_programs(release: bool) -> Result<()> {
    let mut args = vec!["build", "--workspace", "--exclude", "xtask", "--exclude", "devstack", "--bins"];
    if release {
        args.push("--release");
    }
    step("building the services and the simulators");
    succeed(cargo()?.args(args).stdout(std::io::stderr()), "cargo build").await
}

/// cargo, in the workspace, ending when we end.
pub(crate) fn cargo() -> Result<Command> {
    let cargo = env::var_os("CARGO").map(PathBuf::from).or_else(|| on_path("cargo"));
    Ok(tool(&cargo.context("cargo is not on the path")?, &workspace_root()))
}

/// A tool that ends when we end.
pub(crate) fn tool(program: &Path, dir: &Path) -> Command {
    let mut command = Command::from(tied_command(program, DeathSignal::Terminate));
    command.current_dir(dir).stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Runs it to its end, and takes anything but success for an error.
pub(crate) async fn succeed(command: &mut Command, what: &str) -> Result<()> {
    let status = command.status().await.with_context(|| format!("cannot run {what}"))?;
    if !status.success() {
        bail!("{what} failed ({status})");
    }
    Ok(())
}

/// Runs it to its end. A request to stop is passed on, and its own orderly end awaited.
pub(crate) async fn run_to_end(command: &mut Command, stop: &mut Stop) -> Result<ExitStatus> {
    let mut child = command.spawn()?;
    loop {
        tokio::select! {
            status = child.wait() => return Ok(status?),
            only_us = stop.requested() => {
                if let (true, Some(pid)) = (only_us, child.id()) {
                    devstack::terminate(pid);
                }
            }
        }
    }
}

/// Where the programs of a profile lie: beside us, or beside our folder.
pub(crate) fn bin_dir(release: bool) -> Result<PathBuf> {
    let own = env::current_exe()?;
    let target = own.parent().and_then(Path::parent).context("this program lies nowhere")?;
    Ok(target.join(if release { "release" } else { "debug" }))
}

/// One line of progress.
pub(crate) fn step(what: &str) {
    eprintln!("==> {what}");
}
