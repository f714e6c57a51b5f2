//! The edge against the provider's documented bodies.

mod fixtures;
mod signatures;
