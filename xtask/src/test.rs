//! Every test of the workspace, and those that use the database once more through PgBouncer in transaction mode.
//! One private Postgres and Redis serve them all; a test that kills its database starts its own.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use devstack::{PgBouncer, Postgres, PostgresOptions, Redis, RedisOptions, ensure_installed, on_path};
use tokio::process::Command;

use crate::{
    cargo::{bin_dir, build_programs, cargo, run_to_end, step},
    frontend,
    signals::Stop,
    test_schemathesis::ensure_schemathesis,
};

/// What runs through the pooler too: the services against a database, and the composed system. `devstack`'s own tests
/// are about its servers, not about ours.
const POOLED_PACKAGES: [&str; 3] = ["orchestrator_service", "whatsapp_service", "devstack"];
const POOLED_TARGETS: [&str; 2] = ["it", "promises"];

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
    let schemathesis = tokio::task::spawn_blocking(ensure_schemathesis).await??;
    build_programs(false).await?;
    if args.filter.is_empty() {
        frontend::check().await?;
    }

    let mut stop = Stop::listen()?;
    step("starting a private Postgres and Redis");
    let settings = vec![
        // Each running test may hold several pools.
        ("max_connections".into(), "300".into()),
    ];
    let options = PostgresOptions { settings, ..PostgresOptions::default() };
    let (mut postgres, mut redis) = tokio::try_join!(Postgres::start(options), Redis::start(RedisOptions::default()))?;
    let servers = Servers { postgres: postgres.dsn("postgres"), redis: redis.url().to_owned(), bin_dir, schemathesis };
    let mut status = run_to_end(&mut servers.given_to(runner(&args.filter)?), &mut stop).await?;
    if status.success() {
        step("starting a private PgBouncer");
        let pooler = PgBouncer::start(&servers.postgres).await?;
        let mut pooled = servers.given_to(pooled_runner(&args.filter)?);
        pooled.env("NEXUS_TEST_POSTGRES", pooler.dsn("postgres")).env("NEXUS_TEST_POSTGRES_DIRECT", &servers.postgres);
        status = run_to_end(&mut pooled, &mut stop).await?;
    }
    // Nothing is printed from here on: the runner's closing line stays the last one.
    redis.stop().await;
    let _ = postgres.stop().await;
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(ExitCode::from(code))
}

/// What every test is told.
struct Servers {
    postgres: String,
    redis: String,
    bin_dir: PathBuf,
    schemathesis: PathBuf,
}

impl Servers {
    fn given_to(&self, mut runner: Command) -> Command {
        runner
            .env("NEXUS_TEST_POSTGRES", &self.postgres)
            .env("NEXUS_TEST_REDIS", &self.redis)
            .env("NEXUS_BIN_DIR", &self.bin_dir)
            .env("NEXUS_SCHEMATHESIS", &self.schemathesis);
        runner
    }
}

/// The second pass, with the programs and tests that the first one has built.
fn pooled_runner(filter: &[String]) -> Result<Command> {
    let mut command = cargo()?;
    if on_path("cargo-nextest").is_some() {
        step("running the database's tests through PgBouncer (nextest)");
        // The whole workspace is named and then filtered: fewer packages would be built with fewer features, that is, again.
        // What throws odd requests at the API learns nothing more behind a pooler, and takes long; what the doctor says
        // of a server is about that server, and it meets poolers of its own.
        let ours = "kind(test) & (package(whatsapp_service) | package(orchestrator_service) | binary(promises)) \
                    & not test(/^(schemathesis|doctor)::/)";
        // A filter that names only unit tests has nothing to do here.
        command.args(["nextest", "run", "--workspace", "--no-fail-fast", "--no-tests", "pass", "-E", ours]).args(filter);
    } else {
        step("running the database's tests through PgBouncer (cargo test)");
        let packages = POOLED_PACKAGES.iter().flat_map(|package| ["-p", package]);
        let targets = POOLED_TARGETS.iter().flat_map(|target| ["--test", target]);
        command
            .args(["test", "--no-fail-fast"])
            .args(packages)
            .args(targets)
            .args(["--", "--skip", "schemathesis::", "--skip", "doctor::"])
            .args(filter);
    }
    Ok(command)
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
