//! The mail server: is it there, does TLS come about, does it take the account. No mail is sent.

use lettre::transport::smtp::Error as SmtpError;
use nexus_core::targets::BadTarget;
use secrecy::SecretString;

use super::Surroundings;
use crate::handoff::{Mailer, speaks_of_tls};
use crate::integrations::finding::{Finding, StepName};
use crate::integrations::mail;
use crate::integrations::probe::Probe;
use crate::integrations::scrub::without_secrets;
use crate::integrations::settings::SmtpSettings;

pub(super) async fn check(
    probe: &mut Probe,
    settings: &SmtpSettings,
    password: Option<&SecretString>,
    surroundings: Surroundings<'_>,
) {
    let host = settings.host.clone();
    let finding = async {
        let address = surroundings.targets().resolve(&host, settings.port).await.map_err(|problem| match problem {
            BadTarget::Private => Finding::AddressRefused,
            _ => Finding::MailServerUnreachable { host: host.clone() },
        })?;
        let settings = mail::settings_of(settings, password).ok_or(Finding::AddressRefused)?;
        let server = address.first().ok_or(Finding::AddressRefused)?.ip();
        let mailer = Mailer::at(&settings, server).map_err(|_| Finding::TlsFailed { host: host.clone() })?;
        mailer.test().await.map_err(|error| of_error(&error, &host, password))?;
        Ok((Finding::MailAccepted, ()))
    };
    probe.step(StepName::MailServer, finding).await;
}

fn of_error(error: &SmtpError, host: &str, password: Option<&SecretString>) -> Finding {
    let host = host.to_owned();
    let said = nexus_core::telemetry::error_chain(error);
    let answer = without_secrets(&said, &password.into_iter().collect::<Vec<_>>());
    match error.status().map(u16::from) {
        Some(530 | 534 | 535 | 538) => Finding::MailLoginRefused { answer },
        Some(status @ 400..=499) => Finding::ServerFailed { status },
        Some(_) => Finding::MailRefused { answer },
        None if error.is_tls() || speaks_of_tls(error) || error.is_response() => Finding::TlsFailed { host },
        // Our own client gives up: no STARTTLS on offer, or no way of signing in that we know.
        None if error.is_client() => Finding::MailRefused { answer },
        None => Finding::MailServerUnreachable { host },
    }
}
