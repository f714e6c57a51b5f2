//! The webhook sender: signs, posts, retries on the provider's schedule, and keeps the books per event.

use std::{sync::Arc, time::Duration};

use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use chrono::Utc;
use serde::Serialize;
use tokio::{sync::oneshot, time::Instant};

use super::{deliveries::Outcome, ids, signature};
use crate::{
    config::WebhookEndpoint,
    phone,
    state::{Sim, lock},
};

/// Seconds before each retry; after the last one the event is gone for good.
const RETRY_AFTER_SECS: [f64; 7] = [10.0, 30.0, 300.0, 1_800.0, 3_600.0, 7_200.0, 7_200.0];

#[derive(Clone)]
pub(crate) struct Outgoing {
    pub(crate) event_id: String,
    pub(crate) kind: String,
    pub(crate) body: Bytes,
    pub(crate) signing: Signing,
    /// Replaces the path of the endpoint's URL.
    pub(crate) path: Option<String>,
    /// The customer message whose ticks this delivery moves.
    pub(crate) inbound_id: Option<String>,
    pub(crate) delay_ms: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signing {
    Right,
    Wrong,
    None,
}

#[derive(Clone, Serialize)]
pub(crate) struct Attempt {
    pub(crate) endpoint: String,
    pub(crate) at: String,
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<String>,
    pub(crate) ms: u64,
}

impl Attempt {
    pub(crate) fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// Sends an event to every endpoint, `copies` times at once. Each receiver yields the first attempt of one copy.
pub(crate) fn dispatch(sim: &Arc<Sim>, outgoing: Outgoing, copies: u32) -> Vec<oneshot::Receiver<Attempt>> {
    let (endpoints, duplicates) = {
        let config = sim.config();
        let wanting = config.endpoints.iter().filter(|endpoint| endpoint.wants(&outgoing.kind));
        (wanting.cloned().collect::<Vec<_>>(), config.duplicates.max(1))
    };
    let mut first_attempts = Vec::new();
    for endpoint in endpoints {
        let delivery = lock(&sim.ycloud.deliveries).open(&outgoing, &endpoint);
        for _ in 0..copies.max(1) * duplicates {
            let (first, attempt) = oneshot::channel();
            first_attempts.push(attempt);
            let courier = Courier {
                sim: Arc::clone(sim),
                endpoint: endpoint.clone(),
                outgoing: outgoing.clone(),
                delivery,
                epoch: sim.epoch(),
            };
            tokio::spawn(courier.run(first));
        }
    }
    first_attempts
}

struct Courier {
    sim: Arc<Sim>,
    endpoint: WebhookEndpoint,
    outgoing: Outgoing,
    delivery: u64,
    epoch: u64,
}

impl Courier {
    async fn run(self, first: oneshot::Sender<Attempt>) {
        let mut first = Some(first);
        let reorder_ms = self.sim.config().reorder_ms;
        let hold = self.outgoing.delay_ms + if reorder_ms > 0 { rand::random_range(0..=reorder_ms) } else { 0 };
        if hold > 0 {
            tokio::time::sleep(Duration::from_millis(hold)).await;
        }
        let mut signature = self.sign();
        let mut pauses = RETRY_AFTER_SECS.iter();
        loop {
            if self.sim.epoch() != self.epoch {
                return;
            }
            if lock(&self.sim.ycloud.deliveries).is_suspended(&self.endpoint.id) {
                return self.conclude(Outcome::Suspended);
            }
            let attempt = self.attempt(signature.as_deref()).await;
            let succeeded = attempt.succeeded();
            self.record(&attempt);
            if let Some(first) = first.take() {
                let _ = first.send(attempt);
            }
            if succeeded {
                return self.conclude(Outcome::Delivered);
            }
            let Some(pause) = pauses.next() else { return self.conclude(Outcome::GaveUp) };
            let (scale, resign) = {
                let config = self.sim.config();
                (config.retry_scale, config.resign_retries)
            };
            tokio::time::sleep(Duration::from_secs_f64((pause * scale).max(0.0))).await;
            if resign {
                signature = self.sign();
            }
        }
    }

    async fn attempt(&self, signature: Option<&str>) -> Attempt {
        // Closed only when the program ends.
        let _slot = self.sim.webhook_slots.acquire().await;
        let started = Instant::now();
        let timeout = Duration::from_millis(self.sim.config().webhook_timeout_ms);
        let mut request = self
            .sim
            .http
            .post(self.url())
            .timeout(timeout)
            .header(CONTENT_TYPE, "application/json")
            .header("X-Webhook-Endpoint-ID", &self.endpoint.id)
            .body(self.outgoing.body.clone());
        if let Some(signature) = signature {
            request = request.header("YCloud-Signature", signature);
        }
        let at = ids::time(Utc::now());
        let (status, error) = match request.send().await {
            Ok(response) => {
                let status = response.status().as_u16();
                // Read to the end so that the connection can be used again.
                let _ = response.bytes().await;
                (Some(status), None)
            }
            Err(error) => (None, Some(if error.is_timeout() { "timeout".into() } else { error.to_string() })),
        };
        let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Attempt { endpoint: self.endpoint.id.clone(), at, status, error, ms }
    }

    fn record(&self, attempt: &Attempt) {
        if !attempt.succeeded() {
            tracing::debug!(event = self.outgoing.event_id, status = ?attempt.status, "webhook not accepted");
        }
        let suspension = self.sim.config().suspension.then(|| self.sim.config().retry_scale);
        lock(&self.sim.ycloud.deliveries).record(self.delivery, attempt, suspension);
    }

    fn conclude(&self, outcome: Outcome) {
        lock(&self.sim.ycloud.deliveries).conclude(self.delivery, outcome);
        if let Some(inbound_id) = &self.outgoing.inbound_id {
            phone::delivery_concluded(&self.sim, inbound_id, outcome == Outcome::Delivered);
        }
    }

    fn sign(&self) -> Option<String> {
        let secret: &str = match self.outgoing.signing {
            Signing::Right => &self.endpoint.secret,
            Signing::Wrong => "whsec_ffffffffffffffffffffffffffffffff",
            Signing::None => return None,
        };
        Some(signature::header(secret, Utc::now().timestamp(), &self.outgoing.body))
    }

    fn url(&self) -> String {
        let moved = self
            .outgoing
            .path
            .as_deref()
            .and_then(|path| reqwest::Url::parse(&self.endpoint.url).ok()?.join(path).ok().map(String::from));
        moved.unwrap_or_else(|| self.endpoint.url.clone())
    }
}
