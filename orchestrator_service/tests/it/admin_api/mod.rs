//! The admin API over HTTP, against a real database.

mod access;
mod people;
mod settings;
pub mod support;
mod team;
