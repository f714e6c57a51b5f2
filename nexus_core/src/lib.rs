//! What both Nexus services share: ids, the two seam tables where they meet, jobs, tenancy, configuration, telemetry.
//!
//! A module is admitted when both services use it. Provider code belongs to the edge, model and tool code to the brain.

pub mod db;
pub mod env;
pub mod failpoint;
pub mod http_client;
pub mod ids;
pub mod jobs;
pub mod lifecycle;
pub mod live;
pub mod message;
pub mod phone;
pub mod problem;
pub mod provider;
pub mod readiness;
pub mod seam;
pub mod system_events;
pub mod targets;
pub mod telemetry;
pub mod tenancy;
pub mod text;
pub mod vault;
pub mod wake;
