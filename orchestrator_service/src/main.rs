//! The orchestrator service.

use std::process::ExitCode;

use clap::Parser as _;
use nexus_core::lifecycle;
use orchestrator_service::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    lifecycle::install_crypto_provider();
    match Cli::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(exit) => ExitCode::from(exit.code()),
    }
}
