//! The edge: WhatsApp webhooks in, messages out.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use nexus_core::env::{EXIT_CONFIG, Env};
use nexus_core::lifecycle;
use whatsapp_service::{App, Config, healthcheck};

/// The public side of Nexus: receives WhatsApp webhooks and sends messages.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the service (what happens without a command).
    Serve,
    /// Ask the service on this machine whether it lives; for container health checks.
    Healthcheck,
}

#[tokio::main]
async fn main() -> ExitCode {
    lifecycle::install_crypto_provider();
    let command = Arguments::parse().command.unwrap_or(Command::Serve);
    let config = match Config::from_env(Env::of_process()) {
        Ok(config) => config,
        Err(errors) => {
            eprintln!("{errors}");
            return ExitCode::from(EXIT_CONFIG);
        }
    };
    match command {
        Command::Healthcheck => healthcheck(config.port).await,
        Command::Serve => App::serve(config).await,
    }
}
