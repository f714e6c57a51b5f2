//! YCloud, API v2. Behaviour follows the provider's published contract of September 2026.

pub mod client;
pub mod content;
pub mod envelope;
pub mod refusals;
pub mod signature;
pub mod translate;
