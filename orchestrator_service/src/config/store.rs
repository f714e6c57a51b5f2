//! `STORE_…`: the tenant that an empty database starts with. The names are those of Nexus v3.

use nexus_core::env::Env;
use nexus_core::phone::PhoneNumber;

/// The default tenant as far as the environment describes it.
#[derive(Clone, Debug, Default)]
pub struct StoreSettings {
    /// `STORE_NAME`; without it and a number there is no default tenant.
    pub name: Option<String>,
    /// `BOT_PHONE_NUMBER`.
    pub phone: Option<PhoneNumber>,
    /// `STORE_LOCATION`.
    pub location: Option<String>,
    /// `STORE_WEBSITE`.
    pub website: Option<String>,
    /// `STORE_DESCRIPTION`.
    pub description: Option<String>,
    /// `HANDOFF_EMAIL`, one or several separated by commas.
    pub handoff_emails: Vec<String>,
}

pub(super) fn read(env: &mut Env) -> StoreSettings {
    let number = env.optional("BOT_PHONE_NUMBER");
    let phone = number.as_deref().and_then(PhoneNumber::parse);
    if number.is_some() && phone.is_none() {
        env.refuse("BOT_PHONE_NUMBER", "is not a phone number in international form", "+5493815550100");
    }
    StoreSettings {
        name: env.optional("STORE_NAME"),
        phone,
        location: env.optional("STORE_LOCATION"),
        website: env.optional("STORE_WEBSITE"),
        description: env.optional("STORE_DESCRIPTION"),
        handoff_emails: handoff_emails(env),
    }
}

fn handoff_emails(env: &mut Env) -> Vec<String> {
    let listed = env.optional("HANDOFF_EMAIL").unwrap_or_default();
    let emails: Vec<String> =
        listed.split([',', ';']).map(|email| email.trim().to_owned()).filter(|email| !email.is_empty()).collect();
    if emails.iter().any(|email| email.parse::<lettre::Address>().is_err()) {
        env.refuse("HANDOFF_EMAIL", "must list e-mail addresses, separated by commas", "team@example.com");
    }
    emails
}
