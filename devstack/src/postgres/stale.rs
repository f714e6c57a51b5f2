//! A data directory whose last owner died: its server may be gone, or still run.

use std::{
    fs,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use crate::proc_table;

/// A server that is just going down after its owner's death.
const SETTLE: Duration = Duration::from_secs(5);

/// Ends a server that still runs on `data` and removes its lock file. We own the directory, so it is nobody's.
pub(super) fn clear(data: &Path) {
    let lock = data.join("postmaster.pid");
    let end = Instant::now() + SETTLE;
    while let Some(pid) = postmaster(&lock) {
        match proc_table::start_time(pid) {
            // postgres works in its data directory; anything else has inherited a recycled pid.
            Some(started) if proc_table::working_dir(pid).as_deref() == Some(data) => {
                proc_table::end(pid, started);
            }
            _ => {
                let _ = fs::remove_file(&lock);
            }
        }
        if Instant::now() >= end {
            return;
        }
        sleep(Duration::from_millis(10));
    }
}

fn postmaster(lock: &Path) -> Option<u32> {
    fs::read_to_string(lock).ok()?.lines().next()?.trim().parse().ok()
}
