//! The directory of one demo. A second demo at the same time gets the next one; after `kill -9` the lock is
//! free again by itself.

use std::{
    fs::{self, File, TryLockError},
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use devstack::state_root;
use serde_json::Value;

/// Each demo is five processes; nobody wants more of them by intent.
const MOST: u32 = 16;

pub(super) struct Slot {
    dir: PathBuf,
    lock: File,
}

impl Slot {
    /// Takes the first directory that no living demo uses, and tells about those that are in use.
    pub(super) fn take() -> Result<Self> {
        let root = state_root()?;
        for number in 1..=MOST {
            let name = if number == 1 { "demo".into() } else { format!("demo-{number}") };
            let file = root.join(format!("{name}.lock"));
            let lock = File::options().create(true).truncate(false).read(true).write(true).open(&file)?;
            match lock.try_lock() {
                Ok(()) => return Self::begin(root.join(name), lock),
                Err(TryLockError::WouldBlock) => eprintln!("note: {}; this is another one", running(&file)),
                Err(TryLockError::Error(error)) => return Err(error).context("cannot lock the demo's directory"),
            }
        }
        bail!("{MOST} demos are running already")
    }

    fn begin(dir: PathBuf, lock: File) -> Result<Self> {
        fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
        let slot = Self { dir, lock };
        slot.write(&serde_json::json!({ "pid": std::process::id() }))?;
        Ok(slot)
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes down where this demo is, for those who start another one.
    pub(super) fn publish(&self, summary: &Value) -> Result<()> {
        let links = serde_json::json!({ "ui": summary["ui"], "phone": summary["phone"], "mail": summary["mail"] });
        self.write(&serde_json::json!({ "pid": std::process::id(), "links": links }))
    }

    fn write(&self, note: &Value) -> Result<()> {
        self.lock.set_len(0)?;
        let text = note.to_string();
        std::os::unix::fs::FileExt::write_all_at(&self.lock, text.as_bytes(), 0)?;
        (&self.lock).flush()?;
        Ok(())
    }
}

fn running(file: &Path) -> String {
    let note: Value = fs::read_to_string(file).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let links: Vec<&str> = ["ui", "phone", "mail"].iter().filter_map(|name| note["links"][name].as_str()).collect();
    let pid = &note["pid"];
    if links.is_empty() {
        format!("a demo is starting already (process {pid})")
    } else {
        format!("a demo is running already (process {pid}): {}", links.join(" "))
    }
}
