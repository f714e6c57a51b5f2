//! Signing in through an identity provider: OpenID Connect, authorization code with PKCE.
//!
//! What the provider publishes is asked for when the first person signs in and kept for a while, so a provider that is
//! down neither stops the start nor anybody who has a password. Every exchange with it is bounded in time and size.

mod exchange;
mod flow;
mod provider;

pub use flow::{Flow, LASTS as FLOW_LASTS};
pub use provider::{Identity, Provider};

/// Why nobody was signed in. A closed list: the sign-in page has words for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The provider does not answer, or not as one.
    #[error("the identity provider does not answer")]
    Unavailable,
    /// The provider said no: the person has cancelled, or may not use it.
    #[error("the identity provider has refused")]
    Denied,
    /// Begun too long ago, in another browser, or not at all.
    #[error("the sign-in was not begun in this browser, or too long ago")]
    Expired,
    /// The code or the token is not good.
    #[error("the answer of the identity provider is not valid")]
    Invalid,
    /// The provider does not vouch for the address.
    #[error("the identity provider has not verified the e-mail")]
    EmailUnverified,
    /// Nobody here has this identity; a disabled account is told the same.
    #[error("nobody here has this identity")]
    NoAccount,
    /// Too many tries from one address.
    #[error("too many tries")]
    TooManyTries,
    /// A fault of ours, or the database is away.
    #[error("something went wrong here")]
    Failed,
}

impl Refusal {
    /// As it stands in the address of the sign-in page.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unavailable => "oidc_unavailable",
            Self::Denied => "oidc_denied",
            Self::Expired => "oidc_expired",
            Self::Invalid => "oidc_invalid",
            Self::EmailUnverified => "oidc_email_unverified",
            Self::NoAccount => "oidc_no_account",
            Self::TooManyTries => "too_many_tries",
            Self::Failed => "internal",
        }
    }
}
