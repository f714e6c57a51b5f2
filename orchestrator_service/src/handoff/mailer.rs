//! Sends one mail and says what became of it, as far as a retry can act on it.

use std::error::Error as _;
use std::net::IpAddr;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::{Error as SmtpError, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use secrecy::ExposeSecret as _;

use crate::config::{MailSettings, Security};

/// The transport's own timeout covers the connection only, so a silent server would hold a job for ever.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A handle on the mail server; connects when it is first used.
#[derive(Clone, Debug)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Why a mail was not sent. The number is the server's reply code, if it gave one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// It may work later. After a timeout the server may even have taken it.
    #[error("the mail server is not available{}", code(.0))]
    Unavailable(Option<u16>),
    /// This mail will never be taken.
    #[error("the mail server refuses the mail{}", code(.0))]
    Refused(Option<u16>),
    /// A person must change the settings: credentials, TLS, certificate.
    #[error("the mail settings do not fit the server{}", code(.0))]
    Misconfigured(Option<u16>),
}

fn code(code: &Option<u16>) -> String {
    code.map(|code| format!(" (reply {code})")).unwrap_or_default()
}

impl MailError {
    /// A short stable name, for metrics and system events.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Unavailable(_) => "unavailable",
            Self::Refused(_) => "refused",
            Self::Misconfigured(_) => "misconfigured",
        }
    }
}

impl Mailer {
    /// Makes the transport; does not connect.
    pub fn new(settings: &MailSettings) -> Result<Self, SmtpError> {
        Self::connecting_to(settings, &settings.host)
    }

    /// The same, for a server whose name has been resolved already; TLS still wants a certificate for the name.
    pub fn at(settings: &MailSettings, server: IpAddr) -> Result<Self, SmtpError> {
        Self::connecting_to(settings, &server.to_string())
    }

    fn connecting_to(settings: &MailSettings, server: &str) -> Result<Self, SmtpError> {
        let tls = match settings.security {
            Security::None => Tls::None,
            Security::StartTls => Tls::Required(TlsParameters::new(settings.host.clone())?),
            Security::Tls => Tls::Wrapper(TlsParameters::new(settings.host.clone())?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server)
            .port(settings.port)
            .tls(tls)
            .timeout(Some(CONNECT_TIMEOUT))
            .pool_config(PoolConfig::new().max_size(4).idle_timeout(Duration::from_secs(30)));
        if let Some((user, password)) = &settings.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()));
        }
        Ok(Self { transport: builder.build(), from: settings.from.clone() })
    }

    /// Whom the mails come from.
    #[must_use]
    pub fn from(&self) -> &Mailbox {
        &self.from
    }

    /// Connects and signs in, and sends nothing. Bound it: a silent server would hold it for ever.
    pub async fn test(&self) -> Result<(), SmtpError> {
        self.transport.test_connection().await.map(drop)
    }

    /// Connects and signs in, and sends nothing.
    pub async fn greet(&self) -> Result<(), MailError> {
        match tokio::time::timeout(CONNECT_TIMEOUT, self.transport.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) | Err(_) => Err(MailError::Unavailable(None)),
            Ok(Err(error)) => Err(classify(&error)),
        }
    }

    /// Sends one mail to its one recipient.
    pub async fn send(&self, message: Message) -> Result<(), MailError> {
        match tokio::time::timeout(SEND_TIMEOUT, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(classify(&error)),
            Err(_) => Err(MailError::Unavailable(None)),
        }
    }
}

fn classify(error: &SmtpError) -> MailError {
    let code = error.status().map(u16::from);
    if error.is_permanent() {
        return of_permanent_reply(code);
    }
    if error.is_transient() {
        return MailError::Unavailable(code);
    }
    // A certificate or protocol mismatch hides behind "connection error"; only the causes tell.
    if error.is_client() || error.is_response() || error.is_tls() || speaks_of_tls(error) {
        return MailError::Misconfigured(code);
    }
    MailError::Unavailable(code)
}

fn of_permanent_reply(code: Option<u16>) -> MailError {
    match code {
        Some(530 | 534 | 535 | 538) => MailError::Misconfigured(code),
        _ => MailError::Refused(code),
    }
}

/// Whether the causes of a failed connection are about TLS; the error itself only says "connection".
pub(crate) fn speaks_of_tls(error: &SmtpError) -> bool {
    let mut cause = error.source();
    while let Some(source) = cause {
        let text = source.to_string();
        if text.contains("certificate") || text.contains("InvalidContentType") {
            return true;
        }
        cause = source.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_about_the_account_are_for_a_person_and_others_final() {
        for code in [530, 534, 535, 538] {
            assert_eq!(of_permanent_reply(Some(code)).class(), "misconfigured");
        }
        for code in [550, 552, 554] {
            assert_eq!(of_permanent_reply(Some(code)).class(), "refused");
        }
        assert_eq!(MailError::Refused(Some(550)).to_string(), "the mail server refuses the mail (reply 550)");
    }
}
