//! The books of the webhook sender: attempts and final state per event and endpoint, suspended endpoints.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use serde::Serialize;
use tokio::time::Instant;

use super::webhooks::{Attempt, Outgoing};
use crate::{config::WebhookEndpoint, log::Log};

const REMEMBERED: usize = 100_000;
/// Failures within a minute that suspend an endpoint, and for how long.
const FAILURES_PER_MINUTE: usize = 200;
const SUSPENDED_FOR: Duration = Duration::from_secs(180);

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Pending,
    Delivered,
    GaveUp,
    /// Dropped because the endpoint was suspended; there is no backfill.
    Suspended,
}

#[derive(Clone, Serialize)]
pub(crate) struct Delivery {
    pub(crate) event_id: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) endpoint: String,
    pub(crate) url: String,
    pub(crate) state: Outcome,
    pub(crate) attempts: Vec<Attempt>,
}

pub(crate) struct Deliveries {
    pub(crate) log: Log<Delivery>,
    failures: HashMap<String, VecDeque<Instant>>,
    suspended: HashMap<String, Instant>,
}

impl Deliveries {
    pub(crate) fn new() -> Self {
        Self { log: Log::new(REMEMBERED), failures: HashMap::new(), suspended: HashMap::new() }
    }

    pub(crate) fn clear(&mut self) {
        self.log.clear();
        self.failures.clear();
        self.suspended.clear();
    }

    pub(crate) fn open(&mut self, outgoing: &Outgoing, endpoint: &WebhookEndpoint) -> u64 {
        let delivery = Delivery {
            event_id: outgoing.event_id.clone(),
            kind: outgoing.kind.clone(),
            endpoint: endpoint.id.clone(),
            url: endpoint.url.clone(),
            state: Outcome::Pending,
            attempts: Vec::new(),
        };
        self.log.push(delivery).0
    }

    /// `suspension` carries the time scale when endpoints may be suspended at all.
    pub(crate) fn record(&mut self, delivery: u64, attempt: &Attempt, suspension: Option<f64>) {
        if let Some(delivery) = self.log.get_mut(delivery) {
            delivery.attempts.push(attempt.clone());
        }
        let Some(scale) = suspension.filter(|_| !attempt.succeeded()) else { return };
        let now = Instant::now();
        let failures = self.failures.entry(attempt.endpoint.clone()).or_default();
        failures.push_back(now);
        while failures.front().is_some_and(|at| now - *at > Duration::from_secs(60)) {
            failures.pop_front();
        }
        if failures.len() > FAILURES_PER_MINUTE {
            failures.clear();
            self.suspended.insert(attempt.endpoint.clone(), now + SUSPENDED_FOR.mul_f64(scale.max(0.0)));
        }
    }

    pub(crate) fn is_suspended(&self, endpoint: &str) -> bool {
        self.suspended.get(endpoint).is_some_and(|until| Instant::now() < *until)
    }

    pub(crate) fn conclude(&mut self, delivery: u64, outcome: Outcome) {
        if let Some(delivery) = self.log.get_mut(delivery) {
            // With several copies the best outcome counts.
            if delivery.state != Outcome::Delivered {
                delivery.state = outcome;
            }
        }
    }
}
