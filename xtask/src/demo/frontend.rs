//! The admin UI as static files, built when its sources are newer than the last build.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::Result;
use devstack::{on_path, workspace_root};

use crate::cargo::{step, succeed, tool};

/// Not sources: made by npm, or by the build itself.
const NOT_SOURCES: [&str; 2] = ["node_modules", "dist"];

/// Where the built UI is; `None` when there is none and none can be built.
pub(super) async fn build() -> Result<Option<PathBuf>> {
    let dir = workspace_root().join("frontend");
    // A page that needs no build is served as it lies.
    if !dir.join("package.json").is_file() {
        return Ok(dir.join("index.html").is_file().then_some(dir));
    }
    let dist = dir.join("dist");
    if let Some(npm) = on_path("npm")
        && changed(&dist.join("index.html")) < newest(&dir)
    {
        step("building the admin UI");
        if let Err(error) = npm_build(&npm, &dir).await {
            eprintln!("warning: the admin UI was not built: {error:#}");
        }
    }
    Ok(dist.join("index.html").is_file().then_some(dist))
}

async fn npm_build(npm: &Path, dir: &Path) -> Result<()> {
    if changed(&dir.join("node_modules/.package-lock.json")) < changed(&dir.join("package-lock.json")) {
        let install = ["ci", "--no-audit", "--no-fund"];
        succeed(tool(npm, dir).args(install).stdout(std::io::stderr()), "npm ci").await?;
    }
    succeed(tool(npm, dir).args(["run", "build"]).stdout(std::io::stderr()), "npm run build").await
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

fn changed(file: &Path) -> SystemTime {
    fs::metadata(file).and_then(|meta| meta.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
}
