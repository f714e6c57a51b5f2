//! One event to a thousand screens: from the request that causes it to each screen's last byte of it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use devstack::Stack;
use futures_util::StreamExt as _;
use reqwest::Client;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use uuid::Uuid;

use crate::bench::latency::Measured;

const EMAIL: &str = "bench@nexus.example";
const PASSWORD: &str = "a long password of the bench";
const PATIENCE: Duration = Duration::from_secs(30);

/// Opens the screens, causes events one after the other, and measures every delivery.
pub(crate) async fn measure(stack: &Stack, tenant: Uuid, conversation: Uuid, screens: usize, events: usize) -> Result<Measured> {
    let api = format!("{}/api/v1", stack.brain.url());
    let client = Client::builder().pool_max_idle_per_host(0).build()?;
    let cookie = sign_in(stack, &client, &api).await?;
    let (heard, mut arrivals) = mpsc::unbounded_channel();
    let mut listening = JoinSet::new();
    for _ in 0..screens {
        let stream =
            client.get(format!("{api}/events?tenants={tenant}")).header("cookie", &cookie).send().await?.error_for_status()?;
        listening.spawn(listen(stream, heard.clone()));
    }
    // The first heartbeat of each: from then on it hears everything.
    for _ in 0..screens {
        ensure!(next(&mut arrivals).await?.0, "a screen did not begin with a heartbeat");
    }
    let (started, mut latencies) = (Instant::now(), Vec::new());
    for number in 0..events {
        let caused_at = Instant::now();
        let path = format!("{api}/tenants/{tenant}/conversations/{conversation}/presence");
        let request = client
            .post(path)
            .header("cookie", &cookie)
            .header("x-requested-with", "nexus")
            .json(&json!({ "typing": number % 2 == 0 }));
        request.send().await?.error_for_status()?;
        let mut missing = screens;
        while missing > 0 {
            let (is_heartbeat, at) = next(&mut arrivals).await?;
            if !is_heartbeat {
                latencies.push(at.duration_since(caused_at));
                missing -= 1;
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let elapsed = started.elapsed();
    listening.shutdown().await;
    Ok(Measured::new(latencies, elapsed))
}

async fn next(arrivals: &mut mpsc::UnboundedReceiver<(bool, Instant)>) -> Result<(bool, Instant)> {
    timeout(PATIENCE, arrivals.recv()).await.context("an event did not arrive")?.context("no screen listens any more")
}

/// Reports each event: whether it is a heartbeat, and when it was there.
async fn listen(stream: reqwest::Response, heard: mpsc::UnboundedSender<(bool, Instant)>) {
    let (mut bytes, mut text) = (stream.bytes_stream(), Vec::new());
    while let Some(Ok(chunk)) = bytes.next().await {
        let at = Instant::now();
        text.extend_from_slice(&chunk);
        while let Some(end) = text.windows(2).position(|two| two == b"\n\n") {
            let event: Vec<u8> = text.drain(..end + 2).collect();
            let is_heartbeat = event.windows(9).any(|word| word == b"heartbeat");
            if heard.send((is_heartbeat, at)).is_err() {
                return;
            }
        }
    }
}

/// A superadmin with a session, as every screen has one.
async fn sign_in(stack: &Stack, client: &Client, api: &str) -> Result<String> {
    let link = stack.brain_command(&["create-admin", EMAIL]).await?;
    let (_, token) = link.rsplit_once('/').context("create-admin printed no link")?;
    let post = |path: &str, body: serde_json::Value| {
        client.post(format!("{api}{path}")).header("x-requested-with", "nexus").json(&body).send()
    };
    post("/password-resets/use", json!({ "token": token, "password": PASSWORD })).await?.error_for_status()?;
    let answer = post("/session", json!({ "email": EMAIL, "password": PASSWORD })).await?.error_for_status()?;
    let cookies = answer.headers().get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok());
    let cookie = cookies.filter_map(|cookie| cookie.split(';').next()).find(|cookie| cookie.starts_with("nexus_session="));
    Ok(cookie.context("signing in set no cookie")?.to_owned())
}
