//! Finding Postgres and Redis, and installing them on a bare machine.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::{account, place};

/// What the demo and the tests need from the system.
pub const BARE_MACHINE_PACKAGES: [&str; 3] = ["postgresql", "postgresql-contrib", "redis-server"];

/// What schemathesis needs.
const PYTHON_PACKAGES: [&str; 2] = ["python3", "python3-venv"];

/// Older servers lack what the migrations use.
const OLDEST_POSTGRES: u32 = 15;
/// Debian asks this script before a package starts its own service.
const SERVICE_POLICY: &str = "/usr/sbin/policy-rc.d";

/// A Postgres installation.
#[derive(Clone, Debug)]
pub(crate) struct PostgresBin {
    pub(crate) major: u32,
    pub(crate) dir: PathBuf,
}

/// An executable on `PATH`, or where Debian keeps what only root has on its path.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|dir| dir.join(program))
        .find(|file| is_program(file))
}

/// Every usable Postgres, newest first.
pub(crate) fn postgres_bins() -> Vec<PostgresBin> {
    let packaged = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    // On PATH there are often links; the program finds its own files beside their target.
    let on_path = on_path("initdb").and_then(|file| file.canonicalize().ok());
    let mut found: Vec<PostgresBin> = packaged
        .map(|entry| entry.path().join("bin"))
        .chain(on_path.and_then(|file| file.parent().map(Path::to_path_buf)))
        .filter_map(|dir| Some(PostgresBin { major: postgres_major(&dir)?, dir }))
        .filter(|bin| bin.major >= OLDEST_POSTGRES && is_program(&bin.dir.join("initdb")))
        .collect();
    found.sort_by_key(|bin| std::cmp::Reverse(bin.major));
    found
}

/// A Python that can make environments of its own, installed when it is missing and we are root.
pub fn ensure_python() -> Result<PathBuf> {
    if let Some(python) = python() {
        return Ok(python);
    }
    let packages = PYTHON_PACKAGES.join(" ");
    let apt = on_path("apt-get").filter(|_| account::is_root());
    let Some(apt) = apt else { bail!("a Python with venv is missing; please install the equivalents of: {packages}") };
    let lock = fs::File::create(place::state_root()?.join("install.lock"))?;
    lock.lock().context("cannot lock the installation")?;
    if python().is_none() {
        install(&apt, &PYTHON_PACKAGES)?;
    }
    python().with_context(|| format!("apt-get installed {packages}, but no Python with venv came with it"))
}

/// Debian keeps `ensurepip`, without which `venv` makes nothing, in a package of its own.
fn python() -> Option<PathBuf> {
    let file = on_path("python3")?;
    let status = Command::new(&file).args(["-c", "import ensurepip, venv"]).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success()).then_some(file)
}

/// Makes sure that Postgres and Redis are there, installing them when we are root.
pub fn ensure_installed() -> Result<()> {
    let missing_postgres = postgres_bins().is_empty();
    if !missing_postgres && on_path("redis-server").is_some() {
        return Ok(());
    }
    let packages = BARE_MACHINE_PACKAGES.join(" ");
    let what = if missing_postgres { "Postgres 15 or newer" } else { "Redis" };
    let Some(apt) = on_path("apt-get") else {
        bail!("{what} is missing; please install the equivalents of: {packages}");
    };
    if !account::is_root() {
        bail!("{what} is missing; please run: sudo apt-get install -y --no-install-recommends {packages}");
    }
    // Two tests may notice at the same time; the second one finds everything in place.
    let lock = fs::File::create(place::state_root()?.join("install.lock"))?;
    lock.lock().context("cannot lock the installation")?;
    if postgres_bins().is_empty() || on_path("redis-server").is_none() {
        install(&apt, &BARE_MACHINE_PACKAGES)?;
    }
    if postgres_bins().is_empty() || on_path("redis-server").is_none() {
        bail!("apt-get installed {packages}, but no Postgres {OLDEST_POSTGRES} or newer with Redis came with it");
    }
    Ok(())
}

fn install(apt: &Path, packages: &[&str]) -> Result<()> {
    eprintln!("==> asking for packages (apt-get update)");
    if let Err(error) = apt_get(apt, &["update", "-q"]) {
        // A broken foreign source need not matter; the installation itself decides.
        eprintln!("warning: {error:#}");
    }
    eprintln!("==> installing {}", packages.join(" "));
    let _policy = NoServices::begin()?;
    let mut args = vec!["install", "-y", "-q", "--no-install-recommends"];
    args.extend(packages);
    apt_get(apt, &args)
}

fn apt_get(apt: &Path, args: &[&str]) -> Result<()> {
    let status = Command::new(apt)
        .args(["-o", "DPkg::Lock::Timeout=120"])
        .args(args)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        // Our own stdout may be read by a program.
        .stdout(std::io::stderr())
        .status()
        .context("cannot run apt-get")?;
    if !status.success() {
        bail!("apt-get {} failed ({status})", args.join(" "));
    }
    Ok(())
}

/// While it lives, freshly installed packages do not start their own servers: we run private ones.
struct NoServices {
    ours: bool,
}

impl NoServices {
    fn begin() -> Result<Self> {
        // An existing policy (most containers have one) is the machine's owner's decision.
        if Path::new(SERVICE_POLICY).exists() {
            return Ok(Self { ours: false });
        }
        fs::write(SERVICE_POLICY, "#!/bin/sh\n# Nexus, while installing packages; may be deleted.\nexit 101\n")?;
        fs::set_permissions(SERVICE_POLICY, fs::Permissions::from_mode(0o755))?;
        Ok(Self { ours: true })
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if self.ours {
            let _ = fs::remove_file(SERVICE_POLICY);
        }
    }
}

fn is_program(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// `postgres (PostgreSQL) 15.18 (Debian …)` → 15.
fn postgres_major(bin: &Path) -> Option<u32> {
    let output = Command::new(bin.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let version = text.split_ascii_whitespace().nth(2)?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}
