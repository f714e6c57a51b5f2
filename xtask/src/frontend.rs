//! The admin UI: building it, and everything it must pass.

use std::{ffi::OsString, fs, path::Path, time::SystemTime};

use anyhow::Result;
use devstack::{on_path, workspace_root};

use crate::{
    cargo::{step, succeed, tool},
    node::path_with_node,
};

/// What the browser suite runs in; Debian's package is called `chromium`.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Node's package manager in `frontend/`, with the packages of the lock file in place.
pub(crate) struct Npm {
    path: OsString,
}

impl Npm {
    /// Finds or installs Node, and installs the packages when the lock file is newer than they are.
    pub(crate) async fn ready() -> Result<Self> {
        let npm = Self { path: tokio::task::spawn_blocking(path_with_node).await?? };
        let dir = workspace_root().join("frontend");
        if changed(&dir.join("node_modules/.package-lock.json")) < changed(&dir.join("package-lock.json")) {
            step("installing the packages of the admin UI");
            npm.run(&["ci", "--no-audit", "--no-fund"]).await?;
        }
        Ok(npm)
    }

    /// Runs npm to its end.
    pub(crate) async fn run(&self, args: &[&str]) -> Result<()> {
        // By way of env, because the program is to be found on our own path, which its children need too.
        let mut command = tool(Path::new("/usr/bin/env"), &workspace_root().join("frontend"));
        command.arg("npm").args(args).env("PATH", &self.path).stdout(std::io::stderr());
        succeed(&mut command, &format!("npm {}", args.join(" "))).await
    }
}

/// Types, lints, texts, licences, sizes and tests; the browser suite where there is a browser.
pub(crate) async fn check() -> Result<()> {
    step("checking and testing the admin UI");
    let npm = Npm::ready().await?;
    npm.run(&["run", "build"]).await?;
    npm.run(&["run", "check"]).await?;
    npm.run(&["test"]).await?;
    if BROWSERS.iter().any(|browser| on_path(browser).is_some()) {
        npm.run(&["run", "test:browser"]).await?;
    } else {
        step("no Chromium here: the browser suite of the admin UI is left out");
    }
    Ok(())
}

/// The time of the last change of a file.
pub(crate) fn changed(file: &Path) -> SystemTime {
    fs::metadata(file).and_then(|meta| meta.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
}
