//! What failed and can be mended: parked webhook events, dead jobs, messages that did not arrive.

pub mod jobs;
pub mod sends;
pub mod webhooks;
