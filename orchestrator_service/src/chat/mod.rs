//! `POST /chat`, the contract of Nexus v3: a caller hands in a message, waits, and delivers the answer itself. The turn
//! behind it is the same as everywhere.

mod answer;
mod arrival;
mod handler;
mod ledger;
mod outcome;
mod request;
mod run;

pub use answer::{ChatAnswer, ChatMessage};
pub use handler::chat;
pub use ledger::{Entry, enter};
pub use request::{ChatRequest, Media};
pub use run::{ChatError, answer};
