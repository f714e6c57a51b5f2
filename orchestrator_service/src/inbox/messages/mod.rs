//! Messages of a conversation, and what became of them.

pub mod failure;
pub mod get;
pub mod page;
pub mod resend;
pub mod trace;
mod view;

pub(crate) use view::message_rows;
pub use view::{Message, MessageRow};
