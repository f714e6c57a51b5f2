//! The mail server of a business, for the mails that go out in its name.

use std::net::SocketAddr;

use lettre::message::Mailbox;
use nexus_core::ids::TenantId;
use nexus_core::targets::{BadTarget, Targets};
use nexus_core::tenancy::Db;
use nexus_core::vault::Vault;
use secrecy::SecretString;

use super::settings::{IntegrationSettings, SmtpSettings};
use super::{Integration, IntegrationError, IntegrationKind, open};
use crate::config::MailSettings;
use crate::handoff::{MailError, Mailer};

/// Why the mail server of a business cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NoMailer {
    /// As with a failed mail: wrong settings, or a name that cannot be resolved now.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// The database refused or did not answer.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// The mailer of a business that has a mail server of its own; `None` when it has none.
///
/// Its name is resolved each time, and the connection goes to an address that may be called.
pub async fn mailer_of(db: &Db, vault: &Vault, targets: Targets, tenant: TenantId) -> Result<Option<Mailer>, NoMailer> {
    const MISCONFIGURED: NoMailer = NoMailer::Mail(MailError::Misconfigured(None));
    let mut tx = db.tenant(tenant).await?;
    let opened = open(&mut tx, vault, IntegrationKind::Smtp).await;
    tx.commit().await?;
    let Integration { settings, secret, .. } = match opened {
        Ok(None) => return Ok(None),
        Ok(Some(integration)) => integration,
        Err(IntegrationError::Database(error)) => return Err(error.into()),
        Err(IntegrationError::Vault(_)) => return Err(MISCONFIGURED),
    };
    let Ok(IntegrationSettings::Smtp(settings)) = IntegrationSettings::read(IntegrationKind::Smtp, &settings) else {
        return Err(MISCONFIGURED);
    };
    let mail = settings_of(&settings, secret.as_ref()).ok_or(MISCONFIGURED)?;
    let found = targets.resolve(&settings.host, settings.port).await.map_err(|problem| match problem {
        BadTarget::Unknown => MailError::Unavailable(None),
        _ => MailError::Misconfigured(None),
    })?;
    let server = found.first().map(SocketAddr::ip).ok_or(MISCONFIGURED)?;
    Mailer::at(&mail, server).map(Some).map_err(|_| MISCONFIGURED)
}

/// As the mailer wants them; `None` when they cannot be used.
pub(super) fn settings_of(settings: &SmtpSettings, password: Option<&SecretString>) -> Option<MailSettings> {
    let from: Mailbox = settings.from.parse().ok()?;
    let credentials = match (&settings.user, password) {
        (Some(user), Some(password)) => Some((user.clone(), password.clone())),
        (Some(_), None) => return None,
        (None, _) => None,
    };
    let SmtpSettings { host, port, security, .. } = settings.clone();
    Some(MailSettings { host, port, security, credentials, from })
}
