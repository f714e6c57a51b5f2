//! `SMTP_…`: how handoff mail leaves.

use lettre::message::Mailbox;
use nexus_core::env::Env;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The settings of the mail server.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// `SMTP_HOST`.
    pub host: String,
    /// `SMTP_PORT`.
    pub port: u16,
    /// `SMTP_SECURITY`.
    pub security: Security,
    /// `SMTP_USER` and `SMTP_PASS`.
    pub credentials: Option<(String, SecretString)>,
    /// `SMTP_FROM`.
    pub from: Mailbox,
}

/// What protects the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Nothing: for a relay on the same host.
    None,
    /// STARTTLS, refused when the server does not offer it.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

impl Security {
    const fn usual_port(self) -> u16 {
        match self {
            Self::None => 25,
            Self::StartTls => 587,
            Self::Tls => 465,
        }
    }
}

impl std::str::FromStr for Security {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.to_ascii_lowercase().as_str() {
            "none" => Ok(Self::None),
            "starttls" => Ok(Self::StartTls),
            "tls" | "ssl" => Ok(Self::Tls),
            _ => Err(()),
        }
    }
}

impl MailSettings {
    /// `None` when no host is set: then handoffs are only shown in the inbox. Mistakes are noted in the environment.
    pub fn read(env: &mut Env) -> Option<Self> {
        read(env)
    }
}

fn read(env: &mut Env) -> Option<MailSettings> {
    let host = env.optional("SMTP_HOST")?;
    let port = env.parsed("SMTP_PORT", 0, "587");
    // Nexus v3 named a port only; 465 always meant TLS from the first byte.
    let security = env.parsed("SMTP_SECURITY", if port == 465 { Security::Tls } else { Security::StartTls }, "starttls");
    let port = if port == 0 { security.usual_port() } else { port };
    let user = env.optional_of(&["SMTP_USER", "SMTP_USERNAME"]);
    let password = env.optional_of(&["SMTP_PASS", "SMTP_PASSWORD"]);
    if user.is_some() != password.is_some() {
        env.refuse("SMTP_USER", "and SMTP_PASS go together", "mailer@example.com");
    }
    let credentials = user.clone().zip(password.map(SecretString::from));
    if security == Security::None && credentials.is_some() && !is_loopback(&host) {
        env.refuse("SMTP_SECURITY", "must not be none when a password is sent to another machine", "starttls");
    }
    let from = env.optional("SMTP_FROM").or(user);
    let from = from.and_then(|from| from.parse::<Mailbox>().ok());
    if from.is_none() {
        env.refuse("SMTP_FROM", "must be an e-mail address", "Nexus <nexus@example.com>");
    }
    Some(MailSettings { host, port, security, credentials, from: from? })
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
