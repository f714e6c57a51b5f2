//! The outside systems of a business besides its channels: what is known of them, their secrets, and how they are.
//!
//! `settings` is what a business enters, `store` keeps it, `checks` really calls the system, `finding` and `words` say what
//! came of it.

pub mod checks;
pub mod finding;
mod google_key;
pub(crate) mod http;
mod kind;
pub mod mail;
pub mod probe;
pub(crate) mod scrub;
pub mod settings;
mod store;
mod words;

pub use kind::{IntegrationKind, IntegrationState};
pub use store::{Integration, IntegrationError, Stored, delete, find, forget_secret, open, report, report_at, save};
