//! The brain: takes turns, runs tools, hands over to people. `App` wires it; `turns::take_turn` is its heart.

pub mod account_mail;
pub mod admin;
pub mod assignment;
pub mod auth;
pub mod channels;
pub mod chat;
pub mod cli;
pub mod config;
pub mod doctor;
pub mod front_page;
pub mod handoff;
pub mod holidays;
pub mod housekeeping;
pub mod inbox;
pub mod integrations;
pub mod jobs_worker;
pub mod key_rotation;
pub mod live;
pub mod model;
pub mod phrases;
pub mod reply;
pub mod retention;
pub mod routes;
pub mod satisfaction;
pub mod service_levels;
pub mod startup;
pub mod state;
pub mod templates;
pub mod tenants;
pub mod tools;
pub mod turns;

mod app;

pub use app::{App, AppError};
