//! How fast webhooks become durable: the real edge against a bare handler with the same middleware, and against what
//! Postgres can do, all in one run on the same cores.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use devstack::{DEFAULT_BUSINESS, PostgresOptions, Stack};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::latency::{Measured, median};
use super::load::{self, Requests};
use super::{median_of, resident_kib, yardstick};
use crate::cargo::{bin_dir, step};

const RUNS: usize = 3;
const STRETCH: Duration = Duration::from_secs(4);
const CONNECTIONS: usize = 256;
const MANY_CONNECTIONS: usize = 1024;
/// More than any stretch can use.
const REQUESTS: usize = 300_000;
const FIXED_RATE: usize = 500;

pub(crate) async fn run() -> Result<()> {
    step("starting Postgres with fsync, Redis, and the services built for speed");
    let mut stack = Stack::builder()
        .name("bench_accept")
        .bin_dir(bin_dir(true)?)
        .own_postgres(PostgresOptions::default())
        .both_env("RUST_LOG", "info")
        .edge_env("WHATSAPP_WORKERS", "false")
        .start()
        .await?;
    let secret = stack.secrets().webhook_secret.clone();
    let edge_port = stack.edge.port();
    let idle = resident_kib(stack.edge.process().pid())?;

    let (bare, bare_port) = start_bare_handler(&secret).await?;
    let (mut bare_runs, mut durable_runs, mut commits, mut rows) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut durable_fixed, mut commit_fixed) = (Vec::new(), Vec::new());
    // The quiet stretches first: after a flood the disk is busy for a while, and that would be measured instead.
    for run in 1..=RUNS {
        step(&format!("fixed rate, run {run} of {RUNS}"));
        let few = Requests::signed(FIXED_RATE * 5, &secret, DEFAULT_BUSINESS.phone_number)?;
        durable_fixed.push(load::at_rate(edge_port, FIXED_RATE, &few, STRETCH).await?);
        commit_fixed.push(yardstick::single_commits_at_rate(stack.pool(), FIXED_RATE as u32, STRETCH).await?);
    }
    for run in 1..=RUNS {
        step(&format!("saturation, run {run} of {RUNS}"));
        let requests = || Requests::signed(REQUESTS, &secret, DEFAULT_BUSINESS.phone_number);
        bare_runs.push(load::saturate(bare_port, CONNECTIONS, &requests()?, STRETCH).await?);
        durable_runs.push(load::saturate(edge_port, CONNECTIONS, &requests()?, STRETCH).await?);
        commits.push(yardstick::single_commits(stack.pool(), STRETCH / 2).await?);
        rows.push(yardstick::unnest_rows_per_second(stack.pool(), STRETCH / 2).await?);
    }
    step("many connections");
    let many = Requests::signed(REQUESTS, &secret, DEFAULT_BUSINESS.phone_number)?;
    let crowded = load::saturate(edge_port, MANY_CONNECTIONS, &many, STRETCH).await?;
    let loaded = resident_kib(stack.edge.process().pid())?;
    let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM webhook_events").fetch_one(stack.pool()).await?;
    step("the same while the projector works off what was accepted");
    stack.restart_edge(&[("WHATSAPP_WORKERS", "true")]).await?;
    let requests = Requests::signed(REQUESTS, &secret, DEFAULT_BUSINESS.phone_number)?;
    let whole = load::saturate(edge_port, CONNECTIONS, &requests, STRETCH).await?;
    drop(bare);
    stack.stop().await?;

    let p99 = |measured: &Measured| measured.percentile(99.0).as_secs_f64();
    // Neighbours in time are compared with each other: the disk's mood changes within seconds.
    let fixed_ratios = durable_fixed.iter().zip(&commit_fixed).map(|(accept, commit)| p99(accept) / p99(commit)).collect();
    let report = Report {
        fixed_ratio: median_of(fixed_ratios),
        bare: median(bare_runs),
        durable: median(durable_runs),
        commits: median(commits),
        rows_per_second: median_of(rows),
        durable_fixed: median(durable_fixed),
        commit_fixed: median(commit_fixed),
        crowded,
        whole,
        idle_kib: idle,
        loaded_kib: loaded,
        stored,
    };
    report.print();
    Ok(())
}

struct Report {
    bare: Measured,
    durable: Measured,
    commits: Measured,
    rows_per_second: f64,
    durable_fixed: Measured,
    commit_fixed: Measured,
    crowded: Measured,
    whole: Measured,
    fixed_ratio: f64,
    idle_kib: u64,
    loaded_kib: u64,
    stored: i64,
}

impl Report {
    fn print(&self) {
        let ratio = |a: &Measured, b: &Measured| a.per_second() / b.per_second();
        println!("medians of {RUNS} runs of {} s, {CONNECTIONS} connections, all processes on the same cores", STRETCH.as_secs());
        println!("bare handler, same middleware      {}", self.bare.line());
        println!("durable accept                     {}", self.durable.line());
        println!("durable accept, {MANY_CONNECTIONS} connections   {}", self.crowded.line());
        println!("durable accept while projecting    {}", self.whole.line());
        println!("durable accept at {FIXED_RATE}/s           {}", self.durable_fixed.line());
        println!("single-row commits, one connection {}", self.commits.line());
        println!("single-row commits at {FIXED_RATE}/s       {}", self.commit_fixed.line());
        println!("rows in statements of 500          {:>8.0} /s", self.rows_per_second);
        println!(
            "edge memory                        {:>8.1} MiB idle, {:.1} MiB after {MANY_CONNECTIONS} connections",
            self.idle_kib as f64 / 1024.0,
            self.loaded_kib as f64 / 1024.0
        );
        println!("events stored                      {:>8}", self.stored);
        println!();
        println!("durable accept / bare handler      {:>8.2}   (target ≥ 0.45)", ratio(&self.durable, &self.bare));
        println!("  … while projecting               {:>8.2}", ratio(&self.whole, &self.bare));
        println!("p99 at {FIXED_RATE}/s / p99 single commit  {:>8.2}   (target ≤ 1.5)", self.fixed_ratio);
        println!("durable accept / single commits    {:>8.2}", ratio(&self.durable, &self.commits));
        println!("durable accept / unnest rows       {:>8.2}", self.durable.per_second() / self.rows_per_second);
    }
}

async fn start_bare_handler(secret: &str) -> Result<(Child, u16)> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["bench", "bare-handler", "--secret", secret])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let output = child.stdout.take().context("the bare handler has no output")?;
    let line = BufReader::new(output).lines().next_line().await?.context("the bare handler ended")?;
    Ok((child, line.trim().parse()?))
}
