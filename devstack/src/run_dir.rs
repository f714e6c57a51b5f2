//! A directory that belongs to one living owner. The ownership is a file lock, so it ends with the owner even
//! after `kill -9`; the next owner ends the processes that were left behind and clears the files away.

use std::{
    fs::{self, File, TryLockError},
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{place, proc_table};

const LOCK: &str = "owner.lock";
/// Set to keep the files of temporary directories, to look at logs after a failed test.
const KEEP: &str = "NEXUS_KEEP";

/// An owned directory; a temporary one is removed with its owner.
#[derive(Debug)]
pub(crate) struct RunDir {
    path: PathBuf,
    temporary: bool,
    _lock: File,
}

impl RunDir {
    /// A fresh directory, gone after use. Also clears what dead owners left.
    pub(crate) fn temporary(label: &str) -> Result<Self> {
        let parent = place::state_root()?.join("run");
        place::make_dir(&parent)?;
        // Between creating a directory and locking it, nobody may mistake it for a leftover.
        let gate = File::create(parent.join("gate.lock"))?;
        gate.lock().context("cannot lock the directory of runs")?;
        sweep(&parent);
        let path = parent.join(format!("{label}-{}", hex::encode(rand::random::<[u8; 4]>())));
        place::make_dir(&path)?;
        let lock = try_own(&path)?.with_context(|| format!("{} has another owner", path.display()))?;
        Ok(Self { path, temporary: true, _lock: lock })
    }

    /// A directory whose files outlive us. Fails when another living process owns it.
    pub(crate) fn kept(path: &Path) -> Result<Self> {
        place::make_dir(path)?;
        let path = path.canonicalize()?;
        let Some(lock) = try_own(&path)? else {
            let owner = fs::read_to_string(path.join(LOCK)).unwrap_or_default();
            bail!("{} is in use by process {}", path.display(), owner.trim());
        };
        reap_all(&path);
        Ok(Self { path, temporary: false, _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn is_temporary(&self) -> bool {
        self.temporary
    }
}

impl Drop for RunDir {
    fn drop(&mut self) {
        // A failing test leaves its logs; the next run sweeps them.
        if self.temporary && !std::thread::panicking() && std::env::var_os(KEEP).is_none() {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

fn try_own(dir: &Path) -> Result<Option<File>> {
    let mut file = File::options().create(true).truncate(false).write(true).open(dir.join(LOCK))?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0)?;
            write!(file, "{}", std::process::id())?;
            Ok(Some(file))
        }
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error).context("cannot lock a directory"),
    }
}

fn sweep(parent: &Path) {
    if std::env::var_os(KEEP).is_some() {
        return;
    }
    let Ok(entries) = fs::read_dir(parent) else { return };
    for dir in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()) {
        if let Ok(Some(_lock)) = try_own(&dir) {
            reap_all(&dir);
            let _ = fs::remove_dir_all(&dir);
        }
    }
}

fn reap_all(dir: &Path) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for file in entries.flatten().map(|entry| entry.path()) {
        if file.extension().is_some_and(|ext| ext == "pid") {
            proc_table::reap(&file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_owner_at_a_time() {
        let path = std::env::temp_dir().join(format!("nexus-run-dir-{}", std::process::id()));
        let first = RunDir::kept(&path).unwrap();
        let refused = RunDir::kept(&path).unwrap_err().to_string();
        assert!(refused.contains(&std::process::id().to_string()), "{refused}");
        drop(first);
        drop(RunDir::kept(&path).unwrap());
        fs::remove_dir_all(&path).unwrap();
    }

    #[test]
    fn a_temporary_directory_goes_with_its_owner() {
        let dir = RunDir::temporary("unit").unwrap();
        let path = dir.path().to_path_buf();
        assert!(path.is_dir());
        drop(dir);
        assert!(!path.exists());
    }
}
