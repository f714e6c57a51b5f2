//! Decides whether a request comes from the provider, and for which channels its secret may speak.

use chrono::{DateTime, Utc};
use nexus_core::provider::Provider;
use secrecy::SecretString;

use crate::channels::{Channel, Directory};
use crate::providers::ycloud::envelope::Envelope;
use crate::providers::ycloud::signature::{Signature, SignatureError};

/// Checks a request to the installation's shared URL. An event about a channel with a secret of its own must be signed
/// with that one; every other event with the installation's. One failure refuses the whole request.
pub fn shared_url(
    header: Option<&str>,
    body: &[u8],
    events: &[Envelope],
    directory: &Directory,
    installation_secret: Option<&SecretString>,
    now: DateTime<Utc>,
) -> Result<(), SignatureError> {
    let signature = Signature::parse(header.ok_or(SignatureError::Malformed)?)?;
    let own_secrets = |event: &Envelope| {
        let number = if directory.has_own_secrets() { event.business_number() } else { None };
        let channel = number.and_then(|number| directory.by_number(Provider::YCloud, &number));
        channel.filter(|channel| !channel.webhook_secrets.is_empty())
    };
    let mut needs_installation_secret = events.is_empty();
    let mut checked = Vec::new();
    for event in events {
        match own_secrets(event) {
            None => needs_installation_secret = true,
            Some(channel) if checked.contains(&channel.id) => {}
            Some(channel) => {
                signature.verify(body, &channel.webhook_secrets, now)?;
                checked.push(channel.id);
            }
        }
    }
    if needs_installation_secret {
        signature.verify(body, installation_secret, now)?;
    }
    Ok(())
}

/// Checks a request to a channel's own URL: its own secrets, or the installation's if it has none.
pub fn own_url(
    header: Option<&str>,
    body: &[u8],
    channel: &Channel,
    installation_secret: Option<&SecretString>,
    now: DateTime<Utc>,
) -> Result<(), SignatureError> {
    let signature = Signature::parse(header.ok_or(SignatureError::Malformed)?)?;
    if channel.webhook_secrets.is_empty() {
        return signature.verify(body, installation_secret, now);
    }
    signature.verify(body, &channel.webhook_secrets, now)
}
