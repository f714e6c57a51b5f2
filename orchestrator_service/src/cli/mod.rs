//! The commands of the program. Each has a file; what they do is the same code that the API and the workers use.

mod doctor;
mod people;
mod replay;
mod rotate_key;
mod tenant;

use std::io::Write as _;
use std::time::Duration;

use clap::{Parser, Subcommand};
use nexus_core::env::{EXIT_CONFIG, Env};
use nexus_core::{http_client, telemetry};

use crate::config::Config;
use crate::{admin, app, startup};

/// The brain of Nexus: answers WhatsApp messages, serves the admin API, keeps the database in shape.
///
/// Everything is set by environment variables; .env.example lists them. Exit codes: 0 well, 1 failed, 2 wrong usage,
/// 78 mistakes in the variables.
#[derive(Debug, Parser)]
#[command(version, name = "orchestrator_service")]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Migrate, then answer messages until stopped. The default
    Serve,
    /// Bring the schema up to this build and stop
    Migrate,
    /// Look at everything the installation depends on, and say what to do about what is wrong
    Doctor(doctor::Args),
    /// Work with tenants: the businesses that are served
    Tenant {
        #[command(subcommand)]
        command: tenant::Command,
    },
    /// Do again what failed: parked webhook events, dead jobs, messages that did not arrive
    Replay {
        #[command(subcommand)]
        command: replay::Command,
    },
    /// Make somebody a superadmin. Prints a link with which they choose a password, good for a day
    CreateAdmin(people::CreateAdmin),
    /// Seal every credential anew, after CREDENTIALS_KEY was changed and the key before named in CREDENTIALS_KEY_PREVIOUS. May
    /// be stopped and run again
    RotateCredentialsKey,
    /// Print the description of the admin API, OpenAPI 3.1
    Openapi,
    /// Ask the running service whether it lives; the exit code is the answer
    Healthcheck,
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
        // These two need no configuration, or must bear a bad one.
        let command = match self.command.unwrap_or(Command::Serve) {
            Command::Openapi => return print_openapi().map_err(|error| fail(&error)),
            Command::Doctor(args) => {
                let is_well = args.run(&Env::of_process()).await.map_err(|error| fail(&error))?;
                return if is_well { Ok(()) } else { Err(Exit::Failure) };
            }
            other => other,
        };
        let config = Config::read(Env::of_process()).map_err(|errors| {
            complain(&errors.to_string());
            Exit::Config
        })?;
        telemetry::start_logging(config.log_format, config.log_filter.as_deref());
        command.run(config).await.map_err(|error| fail(&error))
    }
}

impl Command {
    async fn run(self, config: Config) -> anyhow::Result<()> {
        match self {
            Self::Serve => app::serve(config).await,
            Self::Migrate => migrate(&config).await,
            Self::Tenant { command } => command.run(&config).await,
            Self::Replay { command } => command.run(&config).await,
            Self::CreateAdmin(args) => args.run(&config).await,
            Self::RotateCredentialsKey => rotate_key::run(&config).await,
            Self::Healthcheck => healthcheck(config.port).await,
            Self::Openapi | Self::Doctor(_) => Ok(()),
        }
    }
}

fn fail(error: &anyhow::Error) -> Exit {
    complain(&format!("{error:#}"));
    Exit::Failure
}

fn complain(text: &str) {
    // Nothing can be done when even standard error is gone.
    drop(writeln!(std::io::stderr(), "{text}"));
}

/// One line on standard output.
fn say(line: impl std::fmt::Display) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{line}")
}

/// Something on standard output that a program reads.
fn say_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    Ok(say(serde_json::to_string_pretty(value)?)?)
}

fn print_openapi() -> anyhow::Result<()> {
    say_json(&admin::document())
}

async fn migrate(config: &Config) -> anyhow::Result<()> {
    startup::prepare(&config.stores, startup::pool(&config.stores)?).await?;
    Ok(())
}

async fn healthcheck(port: u16) -> anyhow::Result<()> {
    let http = http_client::build(Duration::from_secs(2), Duration::from_secs(3))?;
    http.get(format!("http://127.0.0.1:{port}/health")).send().await?.error_for_status()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Cli;

    #[test]
    fn every_command_and_every_flag_says_what_it_is_for() {
        fn look(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            assert!(command.get_about().is_some(), "{path} has no description");
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{path} {} has no description", argument.get_id());
            }
            command.get_subcommands().for_each(|inner| look(inner, &path));
        }
        Cli::command().debug_assert();
        look(&Cli::command(), "");
    }
}
