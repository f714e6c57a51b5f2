//! The outside systems of a business besides its channels: what is known of them, their secrets, and how they are.

mod kind;
mod store;

pub use kind::{IntegrationKind, IntegrationState};
pub use store::{Integration, IntegrationError, open, report, save};
