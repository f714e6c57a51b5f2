//! The commands of the program.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use nexus_core::env::{EXIT_CONFIG, Env};
use nexus_core::vault::Vault;
use nexus_core::{http_client, telemetry};
use secrecy::{ExposeSecret as _, SecretString};

use crate::config::Config;
use crate::tenants::{TenantSpec, apply};
use crate::tools::Registry;
use crate::{admin, app, auth, startup};

/// The brain of Nexus.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Migrate, then answer messages until stopped. The default.
    Serve,
    /// Bring the schema up to this build and stop.
    Migrate,
    /// Work with tenants.
    Tenant {
        #[command(subcommand)]
        command: TenantCommand,
    },
    /// Make somebody a superadmin. Prints a link with which they choose a password, good for a day.
    CreateAdmin {
        /// Their e-mail.
        email: String,
        /// Read the password from standard input instead.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Print the description of the admin API, OpenAPI 3.1.
    Openapi,
    /// Ask the running service whether it lives; the exit code is the answer.
    Healthcheck,
}

#[derive(Debug, Subcommand)]
enum TenantCommand {
    /// Create or change the tenant described by a JSON file.
    Apply {
        /// The file.
        file: PathBuf,
    },
}

/// Why the program ends, as an exit code.
pub enum Exit {
    /// A bad configuration.
    Config,
    /// Anything else that failed.
    Failure,
}

impl Exit {
    /// The code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Config => EXIT_CONFIG,
            Self::Failure => 1,
        }
    }
}

impl Cli {
    /// Runs the command. What went wrong has been written to standard error.
    pub async fn run(self) -> Result<(), Exit> {
        if matches!(self.command, Some(Command::Openapi)) {
            return print_openapi().map_err(|error| fail(&error));
        }
        let config = Config::read(Env::of_process()).map_err(|errors| {
            complain(&errors.to_string());
            Exit::Config
        })?;
        telemetry::start_logging(config.log_format, config.log_filter.as_deref());
        let ran = match self.command.unwrap_or(Command::Serve) {
            Command::CreateAdmin { email, password_stdin } => create_admin(&config, &email, password_stdin).await,
            Command::Openapi => print_openapi(),
            Command::Serve => app::serve(config).await,
            Command::Migrate => migrate(&config).await,
            Command::Tenant { command: TenantCommand::Apply { file } } => apply_file(&config, &file).await,
            Command::Healthcheck => healthcheck(config.port).await,
        };
        ran.map_err(|error| fail(&error))
    }
}

fn fail(error: &anyhow::Error) -> Exit {
    complain(&format!("{error:#}"));
    Exit::Failure
}

fn print_openapi() -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{}", serde_json::to_string_pretty(&admin::document())?)?;
    Ok(())
}

async fn create_admin(config: &Config, email: &str, password_stdin: bool) -> anyhow::Result<()> {
    anyhow::ensure!(email.parse::<lettre::Address>().is_ok(), "that is not an e-mail address");
    let password = password_stdin.then(|| -> anyhow::Result<SecretString> {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        Ok(SecretString::from(line.trim_end_matches(['\r', '\n'])))
    });
    let password = password.transpose()?;
    let db = startup::prepare(&config.stores, startup::pool(&config.stores)?).await?;
    let made = auth::superadmin::make(&db, email, password.as_ref()).await?;
    let site = config.platform_url.as_deref().unwrap_or_default();
    let text = match made {
        Some(token) => format!("{site}/reset/{}", token.expose_secret()),
        None => format!("{email} is a superadmin"),
    };
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}

fn complain(text: &str) {
    // Nothing can be done when even standard error is gone.
    drop(writeln!(std::io::stderr(), "{text}"));
}

async fn migrate(config: &Config) -> anyhow::Result<()> {
    startup::prepare(&config.stores, startup::pool(&config.stores)?).await?;
    Ok(())
}

async fn apply_file(config: &Config, file: &Path) -> anyhow::Result<()> {
    let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let spec: TenantSpec = serde_json::from_slice(&text).with_context(|| format!("{} is not a tenant file", file.display()))?;
    let vault = Vault::from_base64(&config.credentials_key)?;
    let db = startup::prepare(&config.stores, startup::pool(&config.stores)?).await?;
    let applied = apply(&db, &vault, &Registry::new(), &spec).await?;
    writeln!(std::io::stdout(), "{}", serde_json::to_string_pretty(&applied)?)?;
    Ok(())
}

async fn healthcheck(port: u16) -> anyhow::Result<()> {
    let http = http_client::build(Duration::from_secs(2), Duration::from_secs(3))?;
    http.get(format!("http://127.0.0.1:{port}/health")).send().await?.error_for_status()?;
    Ok(())
}
