//! The reading side of live events: one Redis reader per replica, fanned out to every screen that listens.
//!
//! Each tenant has a capped stream (`nexus_core::live`). A cursor names the last entry seen of each; whoever comes back
//! with one gets what was missed, or is told to start afresh when it is gone.

mod cursor;
mod entry;
mod feed;
mod hub;

pub use cursor::Cursor;
pub use entry::{Entry, EntryId, Heard};
pub use feed::Feed;
pub use hub::{Hub, Pace};
