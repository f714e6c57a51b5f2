//! The admin API. `router` has the map and says how to add to it; each folder is one resource.

pub mod api_error;
mod api_tokens;
pub mod audit;
mod contacts;
mod conversations;
mod cookie;
pub mod etag;
mod events;
pub mod extract;
pub mod guard;
pub mod idempotency;
mod identify;
mod inbox_error;
mod inbox_settings;
mod language;
mod me;
mod members;
mod messages;
mod origin;
pub mod page;
mod record;
mod repairs;
mod router;
mod session;
mod settings;
mod tenants;
mod users;

pub use router::{document, router};
