//! Tenants from outside the UI: a file the operator applies, and the default tenant of an empty database.

mod apply;
mod assistant;
mod bootstrap;
mod channel;
pub mod export;
mod file;
pub mod lifecycle;
mod starter;

pub use apply::{Applied, AppliedChannel, ApplyError, apply};
pub use bootstrap::bootstrap;
pub use file::{AssistantSpec, ChannelSpec, TenantSpec};
