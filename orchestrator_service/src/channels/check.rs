//! Tests a channel: is the key valid, is the number in its account and connected, does the provider call us.

use secrecy::SecretString;

use super::store::{Channel, Report};
use super::webhook;
use super::ycloud::{Number, YCloud};
use crate::config::OutsideSettings;
use crate::integrations::finding::{Finding, StepName};
use crate::integrations::probe::{LONGEST_TEST, Probe};

/// Asks the provider about a channel.
pub async fn check(outside: &OutsideSettings, channel: &Channel, key: Option<&SecretString>) -> Report {
    let mut probe = Probe::begin(LONGEST_TEST);
    let (quality, webhook_state) = steps(&mut probe, outside, channel, key).await;
    Report { tested: probe.end(), quality, webhook_state }
}

async fn steps(
    probe: &mut Probe,
    outside: &OutsideSettings,
    channel: &Channel,
    key: Option<&SecretString>,
) -> (Option<String>, Option<&'static str>) {
    let Some(key) = key else {
        probe.note(StepName::Settings, Finding::NoSecret);
        return (None, None);
    };
    let ycloud = match YCloud::new(outside, key) {
        Ok(ycloud) => ycloud,
        Err(finding) => {
            probe.note(StepName::SignIn, finding);
            return (None, None);
        }
    };
    let listing = async { ycloud.numbers().await.map(|numbers| (Finding::KeyAccepted, numbers)) };
    let Some(numbers) = probe.step(StepName::SignIn, listing).await else { return (None, None) };
    let number = numbers.into_iter().find(|number| number.phone_number == channel.phone_number);
    probe.note(StepName::Number, of_number(number.as_ref(), &channel.phone_number));
    let mut webhook_state = None;
    let called = async {
        let (finding, state) = webhook::finding(&ycloud.endpoints().await?, &channel.webhook_key);
        webhook_state = Some(state);
        if finding.is_well() { Ok((finding, ())) } else { Err(finding) }
    };
    probe.step(StepName::Webhook, called).await;
    (number.map(|number| number.quality), webhook_state)
}

fn of_number(found: Option<&Number>, wanted: &str) -> Finding {
    let number = wanted.to_owned();
    match found {
        None => Finding::NumberNotListed { number },
        Some(found) if matches!(found.status.as_str(), "CONNECTED" | "") => {
            Finding::NumberConnected { number, quality: found.quality.clone() }
        }
        Some(found) => Finding::NumberNotConnected { number, status: found.status.clone() },
    }
}
