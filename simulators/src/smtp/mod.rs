//! A mail server that accepts everything and keeps it in memory.

mod session;
pub(crate) mod store;

use std::sync::Arc;

use tokio::net::TcpListener;

use crate::state::Sim;

pub(crate) async fn serve(listener: TcpListener, sim: Arc<Sim>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(session::run(stream, Arc::clone(&sim)));
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a mail connection");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
}
