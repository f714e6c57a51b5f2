//! The only verbs anyone needs: `cargo xtask demo`, `test`, `check`, `bench`.
//! Progress goes to stderr; stdout is for results that another program may read.

#![expect(clippy::print_stdout, reason = "a command-line tool talks on stdout")]

mod bench;
mod cargo;
mod check;
mod demo;
mod frontend;
mod node;
mod signals;
mod test;
mod test_schemathesis;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "xtask", bin_name = "cargo xtask", about = "Run, test, check and measure Nexus")]
struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// All of Nexus on this machine with a sample clinic and a sample shop, until Ctrl-C
    Demo(demo::Args),
    /// Every test of the workspace, against a real Postgres and Redis
    Test(test::Args),
    /// Formatting, lints and every test: what a commit must pass
    Check,
    /// Measure speed and size
    Bench(bench::Args),
}

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Args::parse().verb {
        Verb::Demo(args) => demo::run(args).await,
        Verb::Test(args) => test::run(&args).await,
        Verb::Check => check::run().await,
        Verb::Bench(args) => bench::run(args).await,
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
