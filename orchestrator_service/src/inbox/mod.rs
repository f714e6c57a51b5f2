//! What people at the inbox do: find conversations, take them over, answer, repair what failed. Functions here take a
//! transaction and neither commit nor publish; the routes in `admin` do both.
//!
//! Lock order, as everywhere: the conversation's row first, then its turns and outbox rows.

pub mod attention;
pub mod canned_replies;
pub mod contacts;
pub mod conversations;
pub mod labels;
pub mod link;
pub mod messages;
pub mod policies;
pub mod presence;
pub mod repairs;
pub mod saved_views;
pub mod search;
pub mod teams;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum InboxError {
    /// It is not there, or not this tenant's.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Free text may not be sent any more.
    #[error("more than 24 hours since the contact last wrote; only an approved template may be sent")]
    WindowClosed,
    /// The contact asked for silence, or is blocked.
    #[error("the contact does not want messages, or is blocked")]
    OptedOut,
    /// Not possible as things stand.
    #[error("{0}")]
    WrongState(&'static str),
    /// A field does not hold what it should.
    #[error("{0}: {1}")]
    Invalid(&'static str, &'static str),
    /// Several fields, by path.
    #[error("some fields are not right")]
    InvalidFields(Vec<(String, &'static str)>),
    /// The database refused or did not answer.
    #[error("the database did not answer")]
    Database(#[from] sqlx::Error),
}
