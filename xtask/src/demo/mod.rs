//! All of Nexus on one machine for a person to try: databases kept in `.nexus/`, sample tenants in Argentina,
//! simulators or, with keys in `.env`, the real providers.

mod frontend;
mod real;
mod slot;
mod summary;
mod tenants;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use devstack::{Secrets, Stack, ensure_installed};

use self::{slot::Slot, summary::Summary, tenants::Tenant};
use crate::{
    cargo::{bin_dir, build_programs, step},
    signals::Stop,
};

/// Brain, edge and simulators, when nothing else uses them.
const BRAIN_PORT: u16 = 8000;
const EDGE_PORT: u16 = 8002;
const SIMULATORS_PORT: u16 = 8004;
/// What a shell reports for a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Print one line of JSON when everything is ready, and nothing else on stdout
    #[arg(long)]
    json: bool,
    /// Build and run with optimisations
    #[arg(long)]
    release: bool,
}

pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    let mut stop = Stop::listen()?;
    // Dropping the unfinished start kills whatever it has started.
    let (slot, stack, summary) = tokio::select! {
        started = start(&args) => started?,
        _ = stop.requested() => return Ok(ExitCode::from(INTERRUPTED)),
    };
    slot.publish(&summary.json())?;
    if args.json {
        println!("{}", summary.json());
    } else {
        println!("{}", summary.text(slot.dir()));
    }
    tokio::select! {
        error = stack.first_death() => Err(error),
        _ = stop.requested() => {
            step("stopping");
            stack.stop().await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn start(args: &Args) -> Result<(Slot, Stack, Summary)> {
    let ready_made = variable("NEXUS_BIN_DIR").map(PathBuf::from);
    let built = bin_dir(args.release)?;
    step("looking for Postgres and Redis");
    tokio::task::spawn_blocking(ensure_installed).await??;
    if ready_made.is_none() {
        build_programs(args.release).await?;
    }
    let ui = frontend::build().await?;
    let real = real::Settings::read()?;

    let slot = Slot::take()?;
    let secrets = Secrets::load_or_generate(&slot.dir().join("secrets.json"))?;
    let tenants = tenants::samples(real.business_number())?;
    let mut builder = Stack::builder()
        .name("demo")
        .dir(slot.dir())
        .bin_dir(ready_made.unwrap_or(built))
        .secrets(secrets)
        .preferred_ports(EDGE_PORT, BRAIN_PORT, SIMULATORS_PORT)
        // A person types slower than a test.
        .both_env("WHATSAPP_DEBOUNCE_SECONDS", "2")
        .edge_env("WHATSAPP_BUBBLE_DELAY_SECONDS", "1");
    for tenant in &tenants {
        builder = builder.business(tenant.phone_number(), tenant.name());
    }
    if let Some(default) = tenants.first() {
        builder = default.brain_env().into_iter().fold(builder, |b, (name, value)| b.brain_env(name, value));
    }
    if let Some(dir) = &ui {
        builder = builder.brain_env("FRONTEND_DIR", dir.display().to_string());
    }
    // Only from our own environment: those in `.env` name hosts inside of Docker.
    if let Some(dsn) = variable("POSTGRES_DSN") {
        builder = builder.postgres_dsn(dsn);
    }
    if let Some(url) = variable("REDIS_URL") {
        builder = builder.redis_url(url);
    }
    step("starting Postgres, Redis, the simulators and both services");
    let stack = real.apply(builder).start().await?;
    step("creating the sample tenants");
    let tenants = create(&stack, tenants).await;
    let summary = Summary::of(&stack, &tenants, ui.is_some(), &real);
    Ok((slot, stack, summary))
}

/// A demo with one tenant is better than none, so a refused one is told and left out.
async fn create(stack: &Stack, samples: Vec<Tenant>) -> Vec<Tenant> {
    let mut created = Vec::new();
    for (position, tenant) in samples.into_iter().enumerate() {
        match stack.apply_tenant(tenant.description()).await {
            Ok(_) => created.push(tenant),
            Err(error) => {
                eprintln!("warning: {} was not set up: {error:#}", tenant.name());
                // The brain itself has made the default tenant.
                if position == 0 {
                    created.push(tenant);
                }
            }
        }
    }
    created
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}
