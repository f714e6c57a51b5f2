//! Ctrl-C and SIGTERM.

use anyhow::Result;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// From its creation on, the signals no longer end this process but wake [`Stop::requested`].
pub(crate) struct Stop {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Stop {
    pub(crate) fn listen() -> Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            // The terminal was closed: nobody can press Ctrl-C any more.
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for one of them. True when only this process was told, false for Ctrl-C, which the terminal
    /// sends to the children as well.
    pub(crate) async fn requested(&mut self) -> bool {
        tokio::select! {
            _ = self.interrupt.recv() => false,
            _ = self.terminate.recv() => true,
            _ = self.hang_up.recv() => true,
        }
    }
}
