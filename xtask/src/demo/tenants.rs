//! The sample tenants: a dental clinic, which is also the default tenant, and a shop. Their texts are the files
//! in `tenants/`, in the form that `orchestrator_service tenant apply` takes.

use anyhow::{Context, Result};
use serde_json::Value;

const CLINIC: &str = include_str!("tenants/clinic.json");
const SHOP: &str = include_str!("tenants/shop.json");

pub(super) struct Tenant {
    description: Value,
}

/// The clinic first. `real_number` replaces its number when the WhatsApp account is a real one.
pub(super) fn samples(real_number: Option<&str>) -> Result<Vec<Tenant>> {
    let mut clinic: Value = serde_json::from_str(CLINIC).context("clinic.json")?;
    let shop: Value = serde_json::from_str(SHOP).context("shop.json")?;
    if let Some(number) = real_number {
        clinic["channels"][0]["phone_number"] = number.into();
    }
    Ok([clinic, shop].into_iter().map(|description| Tenant { description }).collect())
}

impl Tenant {
    pub(super) fn description(&self) -> &Value {
        &self.description
    }

    pub(super) fn name(&self) -> &str {
        self.text("/name")
    }

    pub(super) fn phone_number(&self) -> &str {
        self.text("/channels/0/phone_number")
    }

    /// The brain's variables that make this the default tenant.
    pub(super) fn brain_env(&self) -> Vec<(&'static str, String)> {
        [
            ("STORE_NAME", "/name"),
            ("BOT_PHONE_NUMBER", "/channels/0/phone_number"),
            ("STORE_LOCATION", "/location"),
            ("STORE_WEBSITE", "/website"),
            ("STORE_DESCRIPTION", "/description"),
            ("HANDOFF_EMAIL", "/handoff_emails/0"),
        ]
        .map(|(variable, place)| (variable, self.text(place).to_owned()))
        .to_vec()
    }

    fn text(&self, place: &str) -> &str {
        self.description.pointer(place).and_then(Value::as_str).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_samples_are_complete_and_apart() {
        let samples = samples(None).unwrap();
        for tenant in &samples {
            assert!(tenant.brain_env().iter().all(|(_, value)| !value.is_empty()));
            assert!(!tenant.text("/assistant/facts").is_empty());
        }
        assert_ne!(samples[0].phone_number(), samples[1].phone_number());
    }

    #[test]
    fn a_real_account_brings_its_own_number() {
        assert_eq!(samples(Some("+5491100000000")).unwrap()[0].phone_number(), "+5491100000000");
    }
}
