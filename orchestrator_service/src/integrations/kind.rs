//! Which outside systems there are, and how one of them can be.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An outside system of a business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum IntegrationKind {
    /// The model provider, or any server that speaks its protocol.
    #[serde(rename = "openai")]
    #[sqlx(rename = "openai")]
    OpenAi,
    /// The shop.
    Tiendanube,
    /// The calendar.
    GoogleCalendar,
    /// The mail server.
    Smtp,
}

impl IntegrationKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::OpenAi, Self::Tiendanube, Self::GoogleCalendar, Self::Smtp];

    /// As it stands in paths, in JSON and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Tiendanube => "tiendanube",
            Self::GoogleCalendar => "google_calendar",
            Self::Smtp => "smtp",
        }
    }

    /// Under which kind its secret is sealed.
    #[must_use]
    pub const fn credential(self) -> &'static str {
        match self {
            Self::OpenAi => "openai_api_key",
            Self::Tiendanube => "tiendanube_access_token",
            Self::GoogleCalendar => "google_service_account",
            Self::Smtp => "smtp_password",
        }
    }
}

/// How an outside system is, as last seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum IntegrationState {
    /// Nobody has called it yet.
    Unchecked,
    /// It answered as it should.
    Working,
    /// It refuses the key, the token or the password.
    NeedsReauth,
    /// The key is good but may not do what is needed.
    MissingScope,
    /// The account is closed or unpaid.
    Suspended,
    /// What was entered cannot work: a wrong address, a calendar that is not shared.
    Misconfigured,
    /// It did not answer, or failed by its own fault.
    Unavailable,
}

#[cfg(test)]
mod tests {
    use super::IntegrationKind;

    #[test]
    fn kinds_have_one_spelling() {
        for kind in IntegrationKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
