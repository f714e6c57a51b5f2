//! What the demo tells when it is ready: a page for a person, or one line for a program.

use std::path::Path;

use devstack::Stack;
use serde_json::{Value, json};

use super::{real::Settings, tenants::Tenant};

pub(super) struct Summary {
    facts: Value,
    real: Vec<&'static str>,
}

impl Summary {
    pub(super) fn of(stack: &Stack, tenants: &[Tenant], has_ui: bool, real: &Settings) -> Self {
        let urls = stack.urls();
        let secrets = stack.secrets();
        // With a real account the services use its secrets, which are nobody's business here.
        let simulated = |secret: &str| if real.business_number().is_none() { json!(secret) } else { Value::Null };
        let facts = json!({
            "edge": urls.edge,
            "brain": urls.brain,
            "ui": has_ui.then_some(&urls.brain),
            "phone": urls.phone,
            "mail": urls.mail,
            "simulators": urls.simulators,
            "postgres_dsn": stack.postgres_dsn(),
            "redis_url": stack.redis_url(),
            "internal_token": secrets.internal_token,
            "admin_token": secrets.admin_token,
            "webhook_secret": simulated(&secrets.webhook_secret),
            "ycloud_api_key": simulated(&secrets.ycloud_api_key),
            "tenants": tenants.iter().map(tenant).collect::<Vec<_>>(),
            "logins": [{ "role": "superadmin", "admin_token": secrets.admin_token }],
        });
        Self { facts, real: real.names() }
    }

    /// Everything that a program needs.
    pub(super) fn json(&self) -> Value {
        self.facts.clone()
    }

    /// Everything that a person needs.
    pub(super) fn text(&self, dir: &Path) -> String {
        let fact = |name: &str| self.facts[name].as_str().unwrap_or_default();
        let mut text = format!("\nNexus is running.\n\n  Phone, to write as a customer   {}\n", fact("phone"));
        match self.facts["ui"].as_str() {
            Some(ui) => text += &format!("  Nexus in the browser            {ui}\n"),
            None => text += &format!("  Brain                           {}\n", fact("brain")),
        }
        text += &format!("  Mails that went out             {}\n\n", fact("mail"));
        text += &format!("  Superadmin's token              {}\n", fact("admin_token"));
        for tenant in self.facts["tenants"].as_array().into_iter().flatten() {
            let (name, number) = (tenant["name"].as_str(), tenant["phone_number"].as_str());
            text += &format!("  {:<31} {}\n", name.unwrap_or_default(), number.unwrap_or_default());
        }
        if !self.real.is_empty() {
            text += &format!("\n  Real, not simulated: {}\n", self.real.join(", "));
        }
        if self.facts["webhook_secret"].is_null() {
            text += &format!("  YCloud must reach {}/webhook/ycloud from the internet\n", fact("edge"));
        }
        text += &format!("\n  Data and logs: {}\n  Ctrl-C stops everything.", dir.display());
        text
    }
}

fn tenant(tenant: &Tenant) -> Value {
    json!({ "name": tenant.name(), "phone_number": tenant.phone_number() })
}
