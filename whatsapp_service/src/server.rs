//! Serves HTTP/1.1 with limits that strangers meet before any handler does: time for the headers, size of the buffers.

use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// A sender that has not finished its headers by then is cut.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Headers beyond this are refused; bodies stream through it and have a limit of their own.
const MAX_BUFFER: usize = 32 * 1024;
/// After an error of accepting, such as no free descriptors, a new try at once would only spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until shutdown, then lets requests in flight end, but no longer than `grace`.
pub async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken, grace: Duration) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).max_buf_size(MAX_BUFFER);
    let connections = GracefulShutdown::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
            () = shutdown.cancelled() => break,
        };
        // Answers are small and must not wait for more.
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(router.clone());
        let connection = connections.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // A connection that breaks is the other side's business; what it brought is journalled or was not answered.
            let _ = connection.await;
        });
    }
    drop(listener);
    if tokio::time::timeout(grace, connections.shutdown()).await.is_err() {
        tracing::warn!("stopped while requests were still in flight");
    }
}
