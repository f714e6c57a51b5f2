//! What every test needs: a fresh database with one tenant, a scripted model, and conditions instead of sleeps.

pub mod google;
pub mod mail_server;
pub mod model;
pub mod outside;
pub mod postgres;
pub mod smtp;
pub mod world;

use std::time::Duration;

pub use mail_server::MailServer;
pub use model::FakeModel;
pub use outside::FakeSystem;
pub use world::World;

/// Polls until something holds, or fails the test by name.
pub async fn eventually<T>(what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = probe().await {
            return found;
        }
        assert!(tokio::time::Instant::now() < deadline, "it never happened: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
