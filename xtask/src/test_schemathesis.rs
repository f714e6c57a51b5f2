//! Installs schemathesis, which tries the admin API against its own description, into a folder of ours.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use devstack::{ensure_python, state_root};

use crate::cargo::step;

/// Every package with its version.
const REQUIREMENTS: &str = include_str!("../../devstack/tests/promises/schemathesis/requirements.txt");
/// Holds the requirements that an environment was made from; written last, so a half-made one is made again.
const STAMP: &str = "requirements.txt";

/// The program, installed on the first call and whenever the requirements have changed.
pub(crate) fn ensure_schemathesis() -> Result<PathBuf> {
    let root = state_root()?;
    // Two runs may begin at the same time; the second one finds everything in place.
    let lock = fs::File::create(root.join("schemathesis.lock"))?;
    lock.lock().context("cannot lock the installation of schemathesis")?;
    let dir = root.join("schemathesis");
    let program = dir.join("bin/st");
    let is_current = fs::read_to_string(dir.join(STAMP)).is_ok_and(|stamp| stamp == REQUIREMENTS);
    if !(is_current && program.is_file()) {
        install(&dir)?;
    }
    Ok(program)
}

fn install(dir: &Path) -> Result<()> {
    let python = ensure_python()?;
    step("installing schemathesis");
    run(Command::new(python).args(["-m", "venv", "--clear"]).arg(dir))?;
    let list = dir.join("wanted.txt");
    fs::write(&list, REQUIREMENTS)?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--requirement"];
    run(Command::new(dir.join("bin/python")).args(pip).arg(&list))?;
    fs::rename(list, dir.join(STAMP)).context("cannot note what was installed")
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).stdout(std::io::stderr()).status();
    let status = status.with_context(|| format!("cannot run {command:?}"))?;
    if !status.success() {
        bail!("{command:?} failed ({status})");
    }
    Ok(())
}
