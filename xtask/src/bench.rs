//! Measurements. Each runs everything it compares in one go on this machine and prints ratios: the machine is noisy,
//! and a ratio of neighbours holds where a number of seconds does not.

mod accept;
mod bare;
mod inbox;
mod latency;
mod load;
mod yardstick;

use std::process::ExitCode;

use anyhow::{Context, Result};
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
    /// The lists, threads, search and live events of the inbox with five million messages
    Inbox(inbox::Options),
    /// The measuring half of `inbox`, built for speed
    #[command(hide = true)]
    InboxMeasured(inbox::Options),
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
        Bench::Accept => measured(&["accept-measured"]).await?,
        Bench::Inbox(options) => {
            let small = options.small.then_some("--small");
            measured(&["inbox-measured"].into_iter().chain(small).collect::<Vec<_>>()).await?;
        }
        Bench::InboxMeasured(options) => inbox::run(options).await?,
        Bench::AcceptMeasured => accept::run().await?,
        Bench::BareHandler { secret } => bare::serve(&secret).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds everything for speed, this program too, and runs the measurement with that build.
async fn measured(args: &[&str]) -> Result<()> {
    build_programs(true).await?;
    step("building the load generator");
    succeed(cargo()?.args(["build", "--release", "-p", "xtask"]), "cargo build").await?;
    let program = bin_dir(true)?.join("xtask");
    succeed(tool(&program, &devstack::workspace_root()).arg("bench").args(args), &args.join(" ")).await
}

/// The value in the middle.
fn median_of(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The resident set of a process.
fn resident_kib(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
}
