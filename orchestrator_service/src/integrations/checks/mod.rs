//! Tests of outside systems: each really calls the system with what a business entered. One file per kind.

mod google_calendar;
mod openai;
mod smtp;
mod tiendanube;

use nexus_core::targets::Targets;
use secrecy::SecretString;

use super::finding::{Finding, StepName};
use super::probe::{LONGEST_TEST, Probe, Tested};
use super::settings::IntegrationSettings;
use super::{Integration, IntegrationKind};
use crate::config::OutsideSettings;

/// What every test knows besides what is tested.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// Where the systems outside are, and which addresses a business may enter.
    pub outside: &'a OutsideSettings,
    /// The model of integrations that name none.
    pub default_model: &'a str,
    /// Whom the outside systems may write to about us: some refuse requests without it.
    pub contact: &'a str,
    /// A calendar to try, when one was named.
    pub calendar: Option<&'a str>,
}

impl Surroundings<'_> {
    const fn targets(&self) -> Targets {
        self.outside.targets
    }
}

/// Tests an integration as it is stored.
pub async fn check(kind: IntegrationKind, integration: &Integration, surroundings: Surroundings<'_>) -> Tested {
    let mut probe = Probe::begin(LONGEST_TEST);
    let settings = IntegrationSettings::read(kind, &integration.settings);
    let secret = integration.secret.as_ref();
    match (settings, secret) {
        (Err(_), _) => probe.note(StepName::Settings, Finding::AddressRefused),
        (Ok(settings), None) if settings.needs_secret() => probe.note(StepName::Settings, Finding::NoSecret),
        (Ok(settings), secret) => check_settings(&mut probe, &settings, secret, surroundings).await,
    }
    probe.end()
}

async fn check_settings(
    probe: &mut Probe,
    settings: &IntegrationSettings,
    secret: Option<&SecretString>,
    surroundings: Surroundings<'_>,
) {
    // What was entered under other rules must not be called under these.
    if !settings.mistakes(surroundings.targets()).is_empty() {
        probe.note(StepName::Settings, Finding::AddressRefused);
        return;
    }
    match (settings, secret) {
        (IntegrationSettings::OpenAi(settings), Some(key)) => openai::check(probe, settings, key, surroundings).await,
        (IntegrationSettings::Tiendanube(settings), Some(token)) => {
            tiendanube::check(probe, settings, token, surroundings).await;
        }
        (IntegrationSettings::GoogleCalendar(_), Some(key)) => google_calendar::check(probe, key, surroundings).await,
        (IntegrationSettings::Smtp(settings), password) => smtp::check(probe, settings, password, surroundings).await,
        (_, None) => probe.note(StepName::Settings, Finding::NoSecret),
    }
}
