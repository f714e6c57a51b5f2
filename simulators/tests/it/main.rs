//! The real program on free ports, driven from outside as the services and their tests do.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod harness;
mod mail;
mod model;
mod oidc;
mod templates;
mod webhooks;
mod whatsapp;
