//! A load generator over kept-alive connections: prepared bytes out, a whole answer in, as little work
//! of its own as possible, because it shares the two cores with what it measures.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::latency::Measured;

/// Complete HTTP requests, each used once.
pub(crate) struct Requests {
    requests: Vec<Vec<u8>>,
    next: AtomicUsize,
}

impl Requests {
    /// Signed events that are unlike each other and mean work for nobody but the journal.
    pub(crate) fn signed(count: usize, secret: &str, number: &str) -> Result<Arc<Self>> {
        let now = chrono::Utc::now();
        let requests = (0..count).map(|_| signed_request(secret, number, now)).collect::<Result<_>>()?;
        Ok(Self::of(requests))
    }

    /// These requests, each used once.
    pub(crate) fn of(requests: Vec<Vec<u8>>) -> Arc<Self> {
        Arc::new(Self { requests, next: AtomicUsize::new(0) })
    }

    fn take(&self) -> Option<&[u8]> {
        self.requests.get(self.next.fetch_add(1, Ordering::Relaxed)).map(Vec::as_slice)
    }
}

fn signed_request(secret: &str, number: &str, now: chrono::DateTime<chrono::Utc>) -> Result<Vec<u8>> {
    let id = uuid::Uuid::now_v7().simple();
    let time = now.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    // As long as a real text message, down to the ids.
    let body = serde_json::json!({
        "id": format!("evt_{id}"), "type": "whatsapp.inbound_message.received", "apiVersion": "v2", "createTime": time,
        "whatsappInboundMessage": {
            "id": format!("{id}"), "wamid": format!("wamid.HBgNNTQ5MzgxNTU1MDE0MhUCABIYF{id}AA=="), "wabaId": "100000000000001",
            "from": "+5493815550142", "fromUserId": "AR.77120000000000000142",
            "customerProfile": {"name": "Lucía Ferreyra"}, "to": number, "sendTime": time,
            "type": "reaction", "reaction": {"message_id": "wamid.HBgNNTQ5MzgxNTU1MDE0MhUCABIYFDYyOEI0OUQ5NkRDREU5N0E0MzBEAA==", "emoji": "👍"}
        }
    })
    .to_string();
    let timestamp = now.timestamp().to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).context("the secret is no key")?;
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body.as_bytes());
    let signature = hex::encode(mac.finalize().into_bytes());
    Ok(format!(
        "POST /webhook/ycloud HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         ycloud-signature: t={timestamp},s={signature}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes())
}

/// Sends as fast as the connections answer, for so long.
pub(crate) async fn saturate(port: u16, connections: usize, requests: &Arc<Requests>, duration: Duration) -> Result<Measured> {
    run(port, connections, requests, duration, None).await
}

/// Sends at a fixed rate, whatever the answers take: a slow answer delays no other request's clock.
pub(crate) async fn at_rate(port: u16, per_second: usize, requests: &Arc<Requests>, duration: Duration) -> Result<Measured> {
    // Enough connections that a stall of a second finds one free.
    let connections = (per_second / 8).max(16);
    run(port, connections, requests, duration, Some(Duration::from_secs_f64(connections as f64 / per_second as f64))).await
}

async fn run(
    port: u16,
    connections: usize,
    requests: &Arc<Requests>,
    duration: Duration,
    every: Option<Duration>,
) -> Result<Measured> {
    let started = Instant::now();
    let mut tasks = Vec::with_capacity(connections);
    for index in 0..connections {
        let first = every.map_or(Duration::ZERO, |every| every.mul_f64(index as f64 / connections as f64));
        tasks.push(tokio::spawn(connection(port, Arc::clone(requests), started + first, started + duration, every)));
    }
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    Ok(Measured::new(latencies, started.elapsed()))
}

async fn connection(
    port: u16,
    requests: Arc<Requests>,
    first: Instant,
    end: Instant,
    every: Option<Duration>,
) -> Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).await?;
    stream.set_nodelay(true)?;
    let mut latencies = Vec::new();
    let mut answer = vec![0; 4096];
    let mut planned = first;
    while Instant::now() < end {
        // A request that had to wait for the answer before it counts from when it was planned; one that was on time
        // counts from when it left, because a timer's millisecond is not the server's.
        let was_late = every.is_some() && Instant::now() > planned;
        if every.is_some() {
            tokio::time::sleep_until(planned.into()).await;
        }
        let Some(request) = requests.take() else { break };
        let sent_at = if was_late { planned } else { Instant::now() };
        stream.write_all(request).await?;
        read_ok(&mut stream, &mut answer).await?;
        latencies.push(sent_at.elapsed());
        planned += every.unwrap_or_default();
    }
    Ok(latencies)
}

/// Reads one answer to its end and refuses anything but 200.
async fn read_ok(stream: &mut TcpStream, answer: &mut Vec<u8>) -> Result<()> {
    let mut filled = 0;
    loop {
        if filled == answer.len() {
            answer.resize(answer.len() * 2, 0);
        }
        let read = stream.read(&mut answer[filled..]).await?;
        if read == 0 {
            bail!("the server closed the connection");
        }
        filled += read;
        let text = &answer[..filled];
        let Some(head_end) = text.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        if filled >= head_end + 4 + content_length(&text[..head_end]) {
            if !text.starts_with(b"HTTP/1.1 200") {
                bail!("unexpected answer: {}", String::from_utf8_lossy(text));
            }
            return Ok(());
        }
    }
}

fn content_length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let value = head.lines().find_map(|line| line.strip_prefix("content-length:")).map(str::trim);
    value.and_then(|value| value.parse().ok()).unwrap_or(0)
}
