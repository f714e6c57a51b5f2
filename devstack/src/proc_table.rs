//! Looking at processes that are not our children: is it alive, is it still the same one, who are its children.
//! Reads /proc; where there is none every answer is "unknown", and leftovers are then not cleaned up.

use std::{
    fs,
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// Sends a signal; an already dead process is not an error.
pub(crate) fn send(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // Only "no such process" and "not allowed" can come back; callers look at the outcome instead.
        let _ = kill_process(pid, signal);
    }
}

/// Asks a process to stop.
pub fn terminate(pid: u32) {
    send(pid, Signal::TERM);
}

/// When the process started, in clock ticks since boot: together with the pid it names one process for ever.
/// `None` for a dead process and for a zombie.
pub(crate) fn start_time(pid: u32) -> Option<u64> {
    let fields = stat_after_name(pid)?;
    let mut fields = fields.split_ascii_whitespace();
    if matches!(fields.next()?, "Z" | "X") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

/// Direct children of a process.
pub(crate) fn children(parent: u32) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|&pid| {
            let ppid = stat_after_name(pid).and_then(|s| s.split_ascii_whitespace().nth(1)?.parse().ok());
            ppid == Some(parent)
        })
        .collect()
}

/// The directory a process works in.
pub(crate) fn working_dir(pid: u32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/cwd")).ok()
}

/// Ends the process that `pid_file` names if it is still the very one that was written down: politely first.
pub(crate) fn reap(pid_file: &Path) {
    let Ok(text) = fs::read_to_string(pid_file) else { return };
    let mut words = text.split_ascii_whitespace();
    let pid = words.next().and_then(|word| word.parse().ok());
    let started = words.next().and_then(|word| word.parse::<u64>().ok());
    if let (Some(pid), Some(started)) = (pid, started) {
        end(pid, started);
    }
    let _ = fs::remove_file(pid_file);
}

/// Interrupts the process, then kills it. Identified by pid and start time, so a recycled pid is left alone.
pub(crate) fn end(pid: u32, started: u64) {
    for (signal, patience) in [(Signal::INT, 5), (Signal::KILL, 2)] {
        if start_time(pid) != Some(started) {
            return;
        }
        send(pid, signal);
        let end = Instant::now() + Duration::from_secs(patience);
        while start_time(pid) == Some(started) && Instant::now() < end {
            sleep(Duration::from_millis(10));
        }
    }
}

/// `/proc/<pid>/stat` after the program's name, which may itself contain spaces and parentheses.
fn stat_after_name(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(stat.rsplit_once(')')?.1.to_owned())
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn knows_itself_and_its_children() {
        let mut child = std::process::Command::new("sleep").arg("30").spawn().unwrap();
        let started = start_time(child.id()).unwrap();
        assert!(children(std::process::id()).contains(&child.id()));
        let waiter = std::thread::spawn(move || child.wait().map(|_| child.id()).unwrap());
        let pid = children(std::process::id()).into_iter().find(|&pid| start_time(pid) == Some(started));
        end(pid.unwrap(), started);
        assert_eq!(start_time(waiter.join().unwrap()), None);
    }

    #[test]
    fn a_recycled_pid_is_left_alone() {
        let own = std::process::id();
        end(own, start_time(own).unwrap() + 1);
    }
}
