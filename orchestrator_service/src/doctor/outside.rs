//! Mail, calendar and media: what is told by the variables, and what the systems behind them say.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use nexus_core::env::Env;
use serde_json::Value;

use super::finding::{Finding, Kind};
use super::report::Check;
use crate::config::MailSettings;
use crate::handoff::{MailError, Mailer};

/// Greets the mail server and signs in; sends nothing.
pub(super) async fn mail(env: &Env) -> Check {
    const NAME: &str = "mail";
    if env.optional("SMTP_HOST").is_none() {
        return Check::found(NAME, Finding::plain(Kind::MailNotConfigured));
    }
    let Some(settings) = MailSettings::read(&mut env.clone()) else {
        return Check::found(NAME, Finding::about(Kind::NotReached, ["SMTP_FROM"]));
    };
    let address = format!("{}:{}", settings.host, settings.port);
    let greeted = match Mailer::new(&settings) {
        Ok(mailer) => mailer.greet().await,
        Err(_) => Err(MailError::Misconfigured(None)),
    };
    match greeted {
        Ok(()) => Check::well(NAME, address),
        Err(MailError::Unavailable(_)) => Check::found(NAME, Finding::about(Kind::MailUnreachable, [address])),
        Err(MailError::Misconfigured(None)) => Check::found(NAME, Finding::about(Kind::MailMisfit, [address])),
        Err(MailError::Refused(code) | MailError::Misconfigured(code)) => {
            let code = code.map(|code| format!(" ({code})")).unwrap_or_default();
            Check::found(NAME, Finding::about(Kind::MailRefusesLogin, [code]))
        }
    }
}

/// Reads the key file of the service account as far as it can be judged here.
pub(super) fn google(env: &Env) -> Check {
    const NAME: &str = "google";
    let Some(text) = env.optional("GOOGLE_CREDENTIALS") else {
        return Check::found(NAME, Finding::plain(Kind::GoogleNotConfigured));
    };
    let Ok(file) = serde_json::from_str::<Value>(&text) else { return Check::found(NAME, Finding::plain(Kind::GoogleNotJson)) };
    let is_good = |field: &str, value: &str| match field {
        "type" => value == "service_account",
        "client_email" => value.contains('@'),
        // A key that lost its line breaks on the way into the variable is the usual mistake.
        "private_key" => {
            value.starts_with("-----BEGIN PRIVATE KEY-----\n") && value.trim_end().ends_with("\n-----END PRIVATE KEY-----")
        }
        _ => !value.is_empty(),
    };
    let lacks = |field: &&str| !is_good(field, file[*field].as_str().unwrap_or_default());
    match ["type", "client_email", "private_key", "token_uri"].into_iter().find(lacks) {
        Some(field) => Check::found(NAME, Finding::about(Kind::GoogleIncomplete, [field])),
        None => Check::well(NAME, file["client_email"].as_str().unwrap_or_default()),
    }
}

/// Writes a file where media go, and removes it.
pub(super) async fn media(env: &Env) -> Check {
    const NAME: &str = "media store";
    let Some(url) = env.optional("MEDIA_STORE_URL") else {
        return Check::found(NAME, Finding::plain(Kind::MediaNotConfigured));
    };
    if let Some(bucket) = url.strip_prefix("s3://") {
        let is_named = !bucket.trim_matches('/').is_empty();
        return if is_named {
            Check::well(NAME, format!("s3://{bucket}"))
        } else {
            Check::found(NAME, Finding::plain(Kind::MediaUrl))
        };
    }
    let Some(folder) = url.strip_prefix("file://").filter(|path| path.starts_with('/')).map(PathBuf::from) else {
        return Check::found(NAME, Finding::plain(Kind::MediaUrl));
    };
    let shown = folder.display().to_string();
    match tokio::task::spawn_blocking(move || write_and_remove(&folder)).await {
        Ok(Ok(())) => Check::well(NAME, shown),
        Ok(Err(error)) => Check::found(NAME, Finding::about(Kind::MediaNotWritable, [format!("{shown}: {error}")])),
        Err(error) => Check::found(NAME, Finding::about(Kind::MediaNotWritable, [error.to_string()])),
    }
}

fn write_and_remove(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let probe = folder.join(format!(".doctor-{}", uuid::Uuid::now_v7().simple()));
    let written = std::fs::File::create(&probe).and_then(|mut file| {
        file.write_all(b"nexus")?;
        file.sync_all()
    });
    let removed = std::fs::remove_file(&probe);
    written.and(removed)
}
