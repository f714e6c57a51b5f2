//! The names of the providers; how to speak to each is the edge's business.

use serde::{Deserialize, Serialize};

/// The company or software behind a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// YCloud.
    YCloud,
    /// Meta's Cloud API.
    Meta,
    /// Evolution API.
    Evolution,
}

impl Provider {
    /// The name in the database, in URLs and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::YCloud => "ycloud",
            Self::Meta => "meta",
            Self::Evolution => "evolution",
        }
    }

    /// Reads [`Provider::as_str`] back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "ycloud" => Some(Self::YCloud),
            "meta" => Some(Self::Meta),
            "evolution" => Some(Self::Evolution),
            _ => None,
        }
    }
}
