//! The tenant file: its shape, and every mistake in it by name. Unknown fields are mistakes, since they are usually
//! misspelt ones.

use std::collections::BTreeMap;

use nexus_core::phone::PhoneNumber;
use nexus_core::provider::Provider;
use secrecy::SecretString;
use serde::Deserialize;

use crate::tools::{Registry, business_hours};

/// One tenant with its assistant and channels.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantSpec {
    /// What customers know it by.
    pub name: String,
    /// `es`, `pt` or `en`.
    #[serde(default = "spanish")]
    pub language: String,
    /// An IANA name.
    #[serde(default = "buenos_aires")]
    pub time_zone: String,
    /// Where it is.
    pub location: Option<String>,
    /// Its site.
    pub website: Option<String>,
    /// What it does.
    pub description: Option<String>,
    /// Opening hours by weekday; absent means nobody has said.
    pub business_hours: Option<BTreeMap<String, Vec<(String, String)>>>,
    /// Who is mailed about handoffs.
    #[serde(default)]
    pub handoff_emails: Vec<String>,
    /// Silence after which the assistant answers.
    pub burst_window_ms: Option<i32>,
    /// The longest a burst may grow.
    pub burst_ceiling_ms: Option<i32>,
    /// The typing pause between bubbles.
    pub bubble_delay_ms: Option<i32>,
    /// How long the assistant keeps silent after a person has answered.
    pub silence_window_hours: Option<i32>,
    /// Its assistant.
    pub assistant: AssistantSpec,
    /// Its WhatsApp numbers.
    pub channels: Vec<ChannelSpec>,
}

/// The assistant of a tenant.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssistantSpec {
    /// Shown in the UI.
    #[serde(default = "assistant_name")]
    pub name: String,
    /// Who it is.
    pub persona: String,
    /// What it does and does not do.
    #[serde(default)]
    pub instructions: String,
    /// What it may state.
    #[serde(default)]
    pub facts: String,
    /// Absent means the installation's model.
    pub model: Option<String>,
    /// The tools it may use.
    #[serde(default)]
    pub tools: Vec<String>,
}

/// One WhatsApp number.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelSpec {
    /// `ycloud`, `meta` or `evolution`.
    pub provider: String,
    /// In international form.
    pub phone_number: String,
    /// Shown in the UI.
    #[serde(default)]
    pub display_name: String,
    /// The provider's key; absent leaves the stored one.
    pub api_key: Option<SecretString>,
    /// What webhooks are signed with; absent leaves the stored one.
    pub webhook_secret: Option<SecretString>,
    /// The secret before, while the provider still uses it.
    pub previous_webhook_secret: Option<SecretString>,
}

fn spanish() -> String {
    "es".to_owned()
}

fn buenos_aires() -> String {
    "America/Argentina/Buenos_Aires".to_owned()
}

fn assistant_name() -> String {
    "Asistente".to_owned()
}

impl ChannelSpec {
    /// Provider and number as they are stored, if both can be read.
    #[must_use]
    pub fn key(&self) -> Option<(Provider, PhoneNumber)> {
        Provider::parse(&self.provider).zip(PhoneNumber::parse(&self.phone_number))
    }
}

impl TenantSpec {
    /// Every mistake, each with the name of its field; empty when the file can be applied.
    #[must_use]
    pub fn mistakes(&self, tools: &Registry) -> Vec<String> {
        let mut found = Vec::new();
        let mut expect = |holds: bool, mistake: &str| {
            if !holds {
                found.push(mistake.to_owned());
            }
        };
        expect(!self.name.trim().is_empty(), "name must not be blank");
        expect(matches!(self.language.as_str(), "es" | "pt" | "en"), "language must be es, pt or en");
        expect(self.time_zone.parse::<chrono_tz::Tz>().is_ok(), "time_zone must be an IANA name such as America/Sao_Paulo");
        let is_hours = self.business_hours.as_ref().is_none_or(|hours| business_hours::Week::read(hours).is_some());
        expect(is_hours, r#"business_hours must look like {"mon": [["09:00", "18:00"]]}, days mon to sun"#);
        let are_emails = self.handoff_emails.iter().all(|email| email.parse::<lettre::Address>().is_ok());
        expect(are_emails, "handoff_emails must be e-mail addresses");
        for (name, value, range) in [
            ("burst_window_ms", self.burst_window_ms, 0..=60_000),
            ("burst_ceiling_ms", self.burst_ceiling_ms, 0..=120_000),
            ("bubble_delay_ms", self.bubble_delay_ms, 0..=30_000),
            ("silence_window_hours", self.silence_window_hours, 1..=720),
        ] {
            let is_in_range = value.is_none_or(|value| range.contains(&value));
            expect(is_in_range, &format!("{name} must lie between {} and {}", range.start(), range.end()));
        }
        expect(!self.assistant.persona.trim().is_empty(), "assistant.persona must not be blank");
        for tool in &self.assistant.tools {
            expect(
                tools.find(tool).is_some(),
                &format!("assistant.tools names {tool:?}; known are {}", tools.names().join(", ")),
            );
        }
        expect(!self.channels.is_empty(), "channels must not be empty");
        for (index, channel) in self.channels.iter().enumerate() {
            expect(
                Provider::parse(&channel.provider).is_some(),
                &format!("channels[{index}].provider must be ycloud, meta or evolution"),
            );
            let is_phone = PhoneNumber::parse(&channel.phone_number).is_some();
            expect(is_phone, &format!("channels[{index}].phone_number must be in international form, as +5493815550100"));
            let is_twice = self.channels[..index].iter().any(|earlier| earlier.key().is_some() && earlier.key() == channel.key());
            expect(!is_twice, &format!("channels[{index}] is listed twice"));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_mistake_is_named_at_once() {
        let spec: TenantSpec = serde_json::from_value(json!({
            "name": " ", "language": "fr", "time_zone": "Mars/Base", "business_hours": {"lun": [["9", "18"]]},
            "handoff_emails": ["nobody"], "burst_window_ms": -1, "silence_window_hours": 0,
            "assistant": {"persona": "", "tools": ["fly"]},
            "channels": [{"provider": "sms", "phone_number": "12"}]
        }))
        .unwrap();
        let found = spec.mistakes(&Registry::new()).join("\n");
        for name in [
            "name",
            "language",
            "time_zone",
            "business_hours",
            "handoff_emails",
            "burst_window_ms",
            "silence_window_hours",
            "persona",
            "fly",
            "provider",
            "phone_number",
        ] {
            assert!(found.contains(name), "{name} is missing in {found}");
        }
    }

    #[test]
    fn a_channel_may_not_be_listed_twice() {
        let channel = json!({"provider": "ycloud", "phone_number": "+54 9 381 555-0100"});
        let spec: TenantSpec = serde_json::from_value(json!({
            "name": "A", "assistant": {"persona": "p"}, "channels": [channel, {"provider": "ycloud", "phone_number": "5493815550100"}]
        }))
        .unwrap();
        assert_eq!(spec.mistakes(&Registry::new()), ["channels[1] is listed twice"]);
    }
}
