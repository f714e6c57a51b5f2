//! Every test of the workspace. One private Postgres and Redis serve them all; a test that kills its database
//! starts its own.

use std::process::ExitCode;

use anyhow::Result;
use devstack::{Postgres, PostgresOptions, Redis, RedisOptions, ensure_installed, on_path};
use tokio::process::Command;

use crate::{
    cargo::{bin_dir, build_programs, cargo, run_to_end, step},
    signals::Stop,
};

/// The database behind `DATABASE_URL`, from which `#[sqlx::test]` makes one for each test.
const TEST_DATABASE: &str = "nexus_test";

#[derive(clap::Args, Default)]
pub(crate) struct Args {
    /// Only tests whose name contains one of these
    filter: Vec<String>,
}

pub(crate) async fn run(args: &Args) -> Result<ExitCode> {
    // Before the build: while cargo runs, this very program may be replaced on disk.
    let bin_dir = bin_dir(false)?;
    step("looking for Postgres and Redis");
    tokio::task::spawn_blocking(ensure_installed).await??;
    build_programs(false).await?;

    let mut stop = Stop::listen()?;
    step("starting a private Postgres and Redis");
    let settings = vec![
        // Each running test may hold several pools.
        ("max_connections".into(), "300".into()),
    ];
    let options = PostgresOptions { settings, ..PostgresOptions::default() };
    let (mut postgres, mut redis) = tokio::try_join!(Postgres::start(options), Redis::start(RedisOptions::default()))?;
    let database_url = postgres.create_database(TEST_DATABASE).await?;

    let mut runner = runner(&args.filter)?;
    runner
        .env("NEXUS_TEST_POSTGRES", postgres.dsn("postgres"))
        .env("NEXUS_TEST_REDIS", redis.url())
        .env("DATABASE_URL", database_url)
        .env("NEXUS_BIN_DIR", bin_dir);
    let status = run_to_end(&mut runner, &mut stop).await?;
    // Nothing is printed from here on: the runner's closing line stays the last one.
    redis.stop().await;
    let _ = postgres.stop().await;
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(ExitCode::from(code))
}

fn runner(filter: &[String]) -> Result<Command> {
    let mut command = cargo()?;
    if on_path("cargo-nextest").is_some() {
        step("running the tests (nextest)");
        command.args(["nextest", "run", "--workspace", "--no-fail-fast"]).args(filter);
    } else {
        step("running the tests (cargo test)");
        command.args(["test", "--workspace", "--no-fail-fast", "--"]).args(filter);
    }
    Ok(command)
}
