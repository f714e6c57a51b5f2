//! The admin API. `router` has the map and says how to add to it; each folder is one resource.

pub mod api_error;
mod api_tokens;
pub mod audit;
mod channels;
mod contacts;
mod conversations;
mod cookie;
mod describe;
pub mod etag;
mod events;
pub mod extract;
pub mod guard;
mod health;
pub mod idempotency;
mod identify;
mod inbox_error;
mod inbox_settings;
mod integrations;
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
mod templates;
mod tenants;
mod tested;
mod users;

pub use router::{document, router};
