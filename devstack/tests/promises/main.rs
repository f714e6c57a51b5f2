//! The promises of the README, each against the real programs, a real Postgres and Redis, and the simulated outside
//! world. Tests wait on conditions, never on time.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod bad_input;
mod bursts;
mod chat;
mod commands;
mod doctor;
mod duplicates;
mod handoff;
mod kills;
mod live;
mod model_failures;
mod oidc;
mod outages;
mod schemathesis;
mod sends;
mod statuses;
mod takeover;
mod templates;
mod tenants;
mod webhook;
mod world;
