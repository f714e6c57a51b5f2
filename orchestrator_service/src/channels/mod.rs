//! The channels of a business as the brain manages them: connecting a number, its keys, its webhook, its health. Messages
//! are the edge's business; it finds a new channel by itself within seconds.

pub mod check;
pub mod secrets;
pub mod store;
pub mod webhook;
pub mod ycloud;
