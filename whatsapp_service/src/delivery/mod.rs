//! Sends what stands in the outbox: one message at a time per conversation, each at most once.

mod lane;
pub mod policy;
mod reconcile;
mod settle;
mod typing;
mod worker;

pub use typing::show_typing;
pub use worker::run;
