//! Webhooks: authenticate the raw bytes, make them durable, answer. What they mean is found out later.

pub mod authenticate;
pub mod receive;
