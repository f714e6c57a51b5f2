//! Finding a PgBouncer that remembers prepared statements, which it does since 1.21. Debian 12 carries 1.18; there the
//! next release's package is unpacked into a folder of our own, with the libraries it was built against.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::{packages, place};

/// The first release with `max_prepared_statements`.
const OLDEST: (u32, u32) = (1, 21);
/// The Debian release whose package is unpacked where the system's is too old.
const RELEASE: &str = "trixie";
/// The program and every library it is linked with.
const PACKAGES: [&str; 12] = [
    "pgbouncer",
    "libc6",
    "libevent-2.1-7t64",
    "libssl3t64",
    "libcares2",
    "libpam0g",
    "libsystemd0",
    "libcap2",
    "libaudit1",
    "libcap-ng0",
    "libzstd1",
    "zlib1g",
];

/// How to run it: a program and what comes before PgBouncer's own arguments.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) file: PathBuf,
    pub(super) args: Vec<OsString>,
}

impl Program {
    /// The system's, or the one unpacked earlier, or one that is unpacked now.
    pub(super) fn find() -> Result<Self> {
        if let Some(file) = packages::on_path("pgbouncer")
            && version(Command::new(&file)).is_some_and(|version| version >= OLDEST)
        {
            return Ok(Self { file, args: Vec::new() });
        }
        let root = place::state_root()?;
        // Two tests may notice at the same time; the second one finds everything in place.
        let lock = fs::File::create(root.join("pgbouncer.lock"))?;
        lock.lock().context("cannot lock the unpacking of PgBouncer")?;
        let unpacked = root.join("pgbouncer");
        if !unpacked.is_dir() {
            unpack(&unpacked).context("PgBouncer 1.21 or newer is missing; please install it")?;
        }
        Self::unpacked(&unpacked)
    }

    /// Runs under its own loader: the system's C library is too old for it.
    fn unpacked(dir: &Path) -> Result<Self> {
        let libraries = dir.join("usr/lib").join(format!("{}-linux-gnu", std::env::consts::ARCH));
        let entries = fs::read_dir(&libraries).with_context(|| format!("{} cannot be read", libraries.display()))?;
        let loader = entries
            .flatten()
            .map(|entry| entry.path())
            .find(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("ld-linux")));
        let file = loader.with_context(|| format!("there is no loader in {}", libraries.display()))?;
        let args = vec!["--library-path".into(), libraries.into(), dir.join("usr/sbin/pgbouncer").into()];
        let program = Self { file, args };
        let mut command = Command::new(&program.file);
        command.args(&program.args);
        if version(command).is_none_or(|version| version < OLDEST) {
            bail!("the PgBouncer in {} does not run; delete the folder to unpack it again", dir.display());
        }
        Ok(program)
    }
}

fn unpack(target: &Path) -> Result<()> {
    let apt = packages::on_path("apt-get").context("there is no apt-get here")?;
    let mirror = mirror(&apt)?;
    eprintln!("==> unpacking PgBouncer of Debian {RELEASE}: the one here does not know prepared statements");
    // Under another name until it is whole.
    let unfinished = target.with_extension("new");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)?;
    }
    let work = unfinished.join("apt");
    for dir in ["lists/partial", "cache/archives/partial", "packages"] {
        place::make_dir(&work.join(dir))?;
    }
    fs::write(work.join("sources.list"), format!("deb {mirror} {RELEASE} main\n"))?;
    // Lists, cache and state of its own: nothing of the system's apt is touched, and nothing of it is asked for.
    let settings = [
        ("Dir::Etc::sourcelist", work.join("sources.list").display().to_string()),
        ("Dir::Etc::sourceparts", "/dev/null".into()),
        ("Dir::State::lists", work.join("lists").display().to_string()),
        ("Dir::State::status", "/dev/null".into()),
        ("Dir::Cache", work.join("cache").display().to_string()),
        ("APT::Sandbox::User", "root".into()),
        ("Acquire::Languages", "none".into()),
    ];
    let settings: Vec<String> = settings.iter().flat_map(|(name, value)| ["-o".to_owned(), format!("{name}={value}")]).collect();
    let packages = work.join("packages");
    run(Command::new(&apt).args(&settings).args(["update", "-q"]))?;
    run(Command::new(&apt).args(&settings).arg("download").args(PACKAGES).current_dir(&packages))?;
    for package in fs::read_dir(&packages)?.flatten() {
        run(Command::new("dpkg").arg("-x").arg(package.path()).arg(&unfinished))?;
    }
    fs::remove_dir_all(&work)?;
    fs::rename(&unfinished, target)?;
    Ok(())
}

/// Where this machine gets its Debian packages from.
fn mirror(apt: &Path) -> Result<String> {
    let output = Command::new(apt)
        .args(["indextargets", "--format", "$(LABEL) $(REPO_URI)", "Identifier: Packages"])
        .output()
        .context("cannot ask apt for its sources")?;
    let text = String::from_utf8(output.stdout)?;
    let found = text.lines().find_map(|line| line.strip_prefix("Debian "));
    Ok(found.context("this machine has no Debian mirror")?.to_owned())
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?} failed ({}):\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

fn version(mut command: Command) -> Option<(u32, u32)> {
    let output = command.arg("--version").output().ok()?;
    read_version(&String::from_utf8(output.stdout).ok()?)
}

/// `PgBouncer 1.24.1` → (1, 24).
fn read_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.lines().next()?.strip_prefix("PgBouncer ")?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{OLDEST, read_version};

    #[test]
    fn tells_old_from_new() {
        assert!(read_version("PgBouncer 1.24.1\nlibevent 2.1.12-stable\n").unwrap() >= OLDEST);
        assert!(read_version("PgBouncer 1.18.0\n").unwrap() < OLDEST);
        assert_eq!(read_version("command not found"), None);
    }
}
