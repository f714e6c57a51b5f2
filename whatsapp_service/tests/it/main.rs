//! The edge against the provider's documented bodies.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod fixtures;
mod signatures;
