//! The admin API over HTTP, against a real database.

mod access;
mod bodies;
mod channels;
mod connection_tests;
mod integrations;
mod own_systems;
mod people;
mod secrets;
mod settings;
pub mod support;
mod team;
