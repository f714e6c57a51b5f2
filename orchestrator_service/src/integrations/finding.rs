//! What a test of an outside system comes to. Stored as JSON in `state_detail`, so variants and fields are only ever
//! added; `words` says each of them in the reader's language.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::IntegrationState;

/// What was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// Whether what was entered can be used at all.
    Settings,
    /// Whether the secret is accepted.
    SignIn,
    /// Whether the account may be used: credit, suspension.
    Account,
    /// Whether the model is there.
    Model,
    /// Whether the key may do what is needed.
    Permissions,
    /// Whether the store answers.
    Store,
    /// Whether the calendar may be changed.
    Calendar,
    /// Whether the number belongs to the account.
    Number,
    /// Whether the provider calls us.
    Webhook,
    /// Whether the mail server answers and takes the account.
    MailServer,
}

macro_rules! findings {
    ($($(#[$doc:meta])* $name:ident $({ $($field:ident: $kind:ty),+ })? => $state:ident;)+) => {
        /// What one step found.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "finding", rename_all = "snake_case")]
        pub enum Finding {$(
            $(#[$doc])*
            $name $({ $(#[doc = "Filled into the words."] $field: $kind),+ })?,
        )+}

        impl Finding {
            /// How the outside system is then.
            #[must_use]
            pub const fn state(&self) -> IntegrationState {
                match self { $(Self::$name { .. } => IntegrationState::$state),+ }
            }
        }
    };
}

findings! {
    /// The key, token or password is accepted.
    KeyAccepted => Working;
    /// The model is there.
    ModelThere { model: String } => Working;
    /// The model answers, so there is credit too.
    ModelAnswers { model: String } => Working;
    /// The products of the store can be read.
    ProductsReadable => Working;
    /// The store answers.
    StoreThere { name: String } => Working;
    /// The account of the key file signs in.
    GoogleSignedIn { email: String } => Working;
    /// The calendar may be changed.
    CalendarShared { calendar: String } => Working;
    /// No calendar was named, so only signing in was tried.
    ShareCalendars { email: String } => Working;
    /// The number belongs to the account and is connected.
    NumberConnected { number: String, quality: String } => Working;
    /// The provider calls us.
    WebhookActive => Working;
    /// The mail server answers and takes the account.
    MailAccepted => Working;

    /// There is no secret.
    NoSecret => Misconfigured;
    /// The secret was sealed with a key this installation does not have.
    SecretLost => Misconfigured;
    /// The address that was entered may not be called.
    AddressRefused => Misconfigured;
    /// The key, token or password is refused.
    KeyRefused => NeedsReauth;
    /// The key may not do what is needed.
    ScopeMissing => MissingScope;
    /// Nothing is left to pay with.
    NoCredit => Suspended;
    /// The provider has closed or limited the account.
    AccountSuspended => Suspended;
    /// The account does not have the model.
    ModelMissing { model: String } => Misconfigured;
    /// The store does not exist.
    StoreMissing => Misconfigured;
    /// The store is unpaid or closed.
    StoreSuspended => Suspended;
    /// The key file cannot be used.
    KeyFileUnusable => Misconfigured;
    /// Google does not know the account any more, or its key was deleted.
    GoogleAccountGone { email: String } => NeedsReauth;
    /// Our clock is wrong.
    ClockWrong => Misconfigured;
    /// The Calendar API is not enabled in the project of the key.
    CalendarApiDisabled => Misconfigured;
    /// The calendar is not shared with the account, or has another id.
    CalendarNotShared { calendar: String, email: String } => Misconfigured;
    /// The calendar is shared for reading only.
    CalendarReadOnly { calendar: String, email: String } => MissingScope;
    /// The number does not belong to the account of the key.
    NumberNotListed { number: String } => Misconfigured;
    /// The number is there and cannot send.
    NumberNotConnected { number: String, status: String } => Suspended;
    /// Nobody calls this channel's address.
    WebhookMissing => Misconfigured;
    /// The provider has stopped calling us, because we did not answer.
    WebhookPending => Unavailable;
    /// Somebody has switched the webhook off at the provider.
    WebhookDisabled => Misconfigured;
    /// The webhook leaves out events that we need.
    WebhookIncomplete => Misconfigured;
    /// The mail server refuses the account.
    MailLoginRefused { answer: String } => NeedsReauth;
    /// The mail server refuses something else.
    MailRefused { answer: String } => Misconfigured;
    /// The name of the mail server cannot be resolved, or nobody listens there.
    MailServerUnreachable { host: String } => Unavailable;
    /// TLS does not come about: wrong port, wrong kind of protection, or a certificate nobody vouches for.
    TlsFailed { host: String } => Misconfigured;

    /// It limits the rate of requests.
    RateLimited => Unavailable;
    /// It answers with a failure of its own.
    ServerFailed { status: u16 } => Unavailable;
    /// It refuses the request for a reason we do not know.
    RequestRefused { status: u16 } => Misconfigured;
    /// What answers there is something else: a web page, a proxy.
    NotTheApi => Misconfigured;
    /// No connection.
    Unreachable => Unavailable;
    /// No answer in time.
    TooSlow => Unavailable;
}

impl Finding {
    /// Whether it is as it should be.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.state() == IntegrationState::Working
    }

    /// As it is stored.
    #[must_use]
    pub fn to_detail(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads [`Finding::to_detail`] back; other parts of the brain store plain words.
    #[must_use]
    pub fn of_detail(detail: &str) -> Option<Self> {
        serde_json::from_str(detail).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_survives_the_database() {
        let finding = Finding::CalendarNotShared { calendar: "a@b.c".to_owned(), email: "x@y.z".to_owned() };
        assert_eq!(Finding::of_detail(&finding.to_detail()), Some(finding));
        assert_eq!(Finding::of_detail("model_not_found"), None);
    }
}
