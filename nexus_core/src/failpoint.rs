//! Places where the tests kill the process, to prove that it may die anywhere. Debug builds only: nothing of this is
//! compiled into a release.

/// Kills this process with SIGKILL if `NEXUS_FAILPOINT` names this place. Like a power cut: nothing runs on the way out.
#[cfg(debug_assertions)]
pub fn reach(place: &str) {
    static ARMED: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    let armed = ARMED.get_or_init(|| std::env::var("NEXUS_FAILPOINT").ok());
    if armed.as_deref() == Some(place) {
        let killed = std::process::Command::new("kill").arg("-KILL").arg(std::process::id().to_string()).status();
        tracing::error!(?killed, place, "the failpoint did not kill the process");
        std::process::abort();
    }
}

/// Does nothing.
#[cfg(not(debug_assertions))]
pub const fn reach(_place: &str) {}
