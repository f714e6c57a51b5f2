//! The life of a service: the crypto provider, the signals, the graceful stop.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Installs the one rustls provider of the process. Call it first in `main` and in test binaries: with two in the
/// graph rustls panics at the first connection.
pub fn install_crypto_provider() {
    // An error means that it is installed already.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
}

/// Cancels `shutdown` at SIGTERM or Ctrl-C.
pub fn stop_on_signals(shutdown: CancellationToken) -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: no new work is taken");
        shutdown.cancel();
    });
    Ok(())
}

/// Waits for the workers to end after shutdown, but no longer than `grace`; what is unfinished is taken up again by
/// its lease.
pub async fn drain(tasks: TaskTracker, grace: Duration) {
    tasks.close();
    if tokio::time::timeout(grace, tasks.wait()).await.is_err() {
        tracing::warn!(left = tasks.len(), "stopped before all work had ended; leases will hand it on");
    }
}
