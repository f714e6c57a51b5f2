//! The servers of the stack against the real programs: start, crash, restart, and what dead owners leave.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod leftovers;
mod pgbouncer;
mod postgres;
mod process;
mod redis;
