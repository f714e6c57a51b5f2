//! The admin UI as static files, built when its sources are newer than the last build.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::Result;
use devstack::workspace_root;

use crate::{
    cargo::step,
    frontend::{Npm, changed},
};

/// Not sources: made by npm, by the build, or by the tests.
const NOT_SOURCES: [&str; 4] = ["node_modules", "dist", "browser", "Dockerfile"];

/// Where the built UI is; `None` when none can be built. The API works without it.
pub(super) async fn build() -> Result<Option<PathBuf>> {
    let dir = workspace_root().join("frontend");
    let dist = dir.join("dist");
    if changed(&dist.join("index.html")) < newest(&dir)
        && let Err(error) = npm_build().await
    {
        eprintln!("warning: the admin UI was not built: {error:#}");
    }
    Ok(dist.join("index.html").is_file().then_some(dist))
}

async fn npm_build() -> Result<()> {
    let npm = Npm::ready().await?;
    step("building the admin UI");
    npm.run(&["run", "build"]).await
}

/// The time of the last change below a folder of sources.
fn newest(dir: &Path) -> SystemTime {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .filter(|entry| !NOT_SOURCES.iter().any(|name| entry.file_name() == *name))
        .map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => newest(&entry.path()),
            _ => changed(&entry.path()),
        })
        .max()
        .unwrap_or(SystemTime::UNIX_EPOCH)
}
