//! What a commit must pass: formatting, lints, tests. The cheap ones first.

use std::process::ExitCode;

use anyhow::Result;

use crate::{
    cargo::{cargo, step, succeed},
    test,
};

pub(crate) async fn run() -> Result<ExitCode> {
    step("formatting");
    succeed(cargo()?.args(["fmt", "--all", "--check"]), "cargo fmt --check").await?;
    step("lints");
    let clippy = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    succeed(cargo()?.args(clippy), "cargo clippy").await?;
    test::run(&test::Args::default()).await
}
