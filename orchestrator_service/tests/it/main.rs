//! The brain against a real Postgres and Redis, with a model and a mail server on loopback.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, and so do its helpers")]

mod admin_api;
mod app;
mod chat;
mod claim;
mod handoff;
mod inbox;
mod isolation;
mod jobs;
mod key_rotation;
mod limits;
mod owner;
mod support;
mod tenants;
mod turns;
