//! Where the two services meet: the inbound side (messages and turns, written by the edge) and the outbox (written by
//! the brain). Functions here take a connection and never begin or commit; the use case that calls them does.

pub mod control;
pub mod identity;
pub mod inbox;
pub mod outbox;
pub mod survey;
pub mod turns;
