//! Measurements. Each runs everything it compares in one go on this machine and prints ratios: the machine is noisy,
//! and a ratio of neighbours holds where a number of seconds does not.

mod accept;
mod bare;
mod latency;
mod load;
mod yardstick;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use crate::cargo::{bin_dir, build_programs, cargo, step, succeed, tool};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    name: Bench,
}

#[derive(Subcommand)]
enum Bench {
    /// Durable accepts of webhooks against a bare handler and against single commits
    Accept,
    /// The measuring half of `accept`, built for speed
    #[command(hide = true)]
    AcceptMeasured,
    /// The bare handler that `accept` compares with
    #[command(hide = true)]
    BareHandler {
        #[arg(long)]
        secret: String,
    },
}

pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    match args.name {
        Bench::Accept => measured("accept-measured").await?,
        Bench::AcceptMeasured => accept::run().await?,
        Bench::BareHandler { secret } => bare::serve(&secret).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds everything for speed, this program too, and runs the measurement with that build.
async fn measured(name: &str) -> Result<()> {
    build_programs(true).await?;
    step("building the load generator");
    succeed(cargo()?.args(["build", "--release", "-p", "xtask"]), "cargo build").await?;
    let program = bin_dir(true)?.join("xtask");
    succeed(tool(&program, &devstack::workspace_root()).args(["bench", name]), name).await
}
