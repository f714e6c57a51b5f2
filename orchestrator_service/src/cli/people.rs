//! `create-admin`.

use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};

use super::say;
use crate::config::Config;
use crate::{auth, startup};

/// Who becomes a superadmin.
#[derive(Debug, Args)]
pub(super) struct CreateAdmin {
    /// Their e-mail
    email: String,
    /// Read the password from standard input instead
    #[arg(long)]
    password_stdin: bool,
}

impl CreateAdmin {
    pub(super) async fn run(&self, config: &Config) -> anyhow::Result<()> {
        anyhow::ensure!(self.email.parse::<lettre::Address>().is_ok(), "that is not an e-mail address");
        let password = self.password_stdin.then(read_password).transpose()?;
        let db = startup::prepare(&config.stores, startup::pool(&config.stores)?).await?;
        let made = auth::superadmin::make(&db, &self.email, password.as_ref()).await?;
        let site = config.platform_url.as_deref().unwrap_or_default();
        match made {
            Some(token) => say(format_args!("{site}/reset/{}", token.expose_secret()))?,
            None => say(format_args!("{} is a superadmin", self.email))?,
        }
        Ok(())
    }
}

fn read_password() -> anyhow::Result<SecretString> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(SecretString::from(line.trim_end_matches(['\r', '\n'])))
}
