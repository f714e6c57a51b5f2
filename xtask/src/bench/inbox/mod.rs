//! How fast the inbox is, and whether it stays so: the real brain over HTTP with 50,000 and with 5,000,000 messages, against
//! a read by primary key through the same pool and framework in the same run.

mod data;
mod fan_out;
mod report;
mod requests;

use std::time::Duration;

use anyhow::{Context, Result};
use devstack::{PostgresOptions, Stack};
use uuid::Uuid;

use super::latency::Measured;
use super::load;
use super::resident_kib;
use crate::cargo::{bin_dir, step};
use data::{Loader, Size};
use report::{Report, Stage};
use requests::{Requester, Route};

#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Options {
    /// Ten thousand messages instead of five million: shows that the bench works, and nothing else
    #[arg(long)]
    pub(crate) small: bool,
}

/// What the options come to.
#[derive(Clone, Copy)]
struct Plan {
    size: Size,
    runs: usize,
    stretch: Duration,
    screens: usize,
    events: usize,
}

const PER_SECOND: usize = 50;
/// Long enough for the allocator and the pools to settle.
const IDLE: Duration = Duration::from_secs(5);

impl Options {
    const fn plan(self) -> Plan {
        if self.small {
            let size = Size { tenants: 4, conversations: 100, messages: 25 };
            return Plan { size, runs: 1, stretch: Duration::from_secs(2), screens: 100, events: 3 };
        }
        let size = Size { tenants: 100, conversations: 2_000, messages: 25 };
        Plan { size, runs: 5, stretch: Duration::from_secs(8), screens: 1_000, events: 20 }
    }
}

pub(crate) async fn run(options: Options) -> Result<()> {
    let plan = options.plan();
    step("starting Postgres with fsync, Redis, and the services built for speed");
    let settings = [("shared_buffers", "1GB"), ("max_wal_size", "8GB"), ("checkpoint_timeout", "30min")];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let stack = Stack::builder()
        .name("bench_inbox")
        .bin_dir(bin_dir(true)?)
        .own_postgres(PostgresOptions { settings, ..PostgresOptions::default() })
        .brain_env("RUST_LOG", "warn")
        .start()
        .await?;
    tokio::time::sleep(IDLE).await;
    let idle_kib = resident_kib(stack.brain.process().pid())?;

    let mut loader = Loader::open(stack.postgres_dsn(), plan.size).await?;
    step(&format!("loading {} messages", plan.size.total_messages(1)));
    let mut tenants = loader.add(0..1).await?;
    loader.same_as_inserted(*tenants.first().context("no tenant")?).await?;
    let few = measure(&stack, plan, &tenants).await?;
    step(&format!("loading {} messages", plan.size.total_messages(plan.size.tenants)));
    tenants.extend(loader.add(1..plan.size.tenants).await?);
    loader.same_as_inserted(*tenants.last().context("no tenant")?).await?;
    let many = measure(&stack, plan, &tenants).await?;

    step(&format!("one event to {} screens", plan.screens));
    let tenant = *tenants.first().context("no tenant")?;
    let conversation: Uuid = sqlx::query_scalar("SELECT id FROM chat_conversations WHERE tenant_id = $1 LIMIT 1")
        .bind(tenant)
        .fetch_one(stack.pool())
        .await?;
    let delivered = fan_out::measure(&stack, tenant, conversation, plan.screens, plan.events).await?;
    let loaded_kib = resident_kib(stack.brain.process().pid())?;
    let messages = [1, plan.size.tenants].map(|tenants| plan.size.total_messages(tenants));
    stack.stop().await?;
    Report { messages, stages: [few, many], screens: plan.screens, delivered, idle_kib, loaded_kib }.print();
    Ok(())
}

/// Each route at a fixed rate, neighbours in time, several times over.
async fn measure(stack: &Stack, plan: Plan, tenants: &[Uuid]) -> Result<Stage> {
    let requester = Requester::new(stack.pool(), tenants, &stack.secrets().admin_token).await?;
    let count = PER_SECOND * usize::try_from(plan.stretch.as_secs() + 1)?;
    let mut stage = Stage::default();
    // The first round fills caches and prepares statements, and is not counted.
    for run in 0..=plan.runs {
        step(&format!("{PER_SECOND} requests/s, run {run} of {}", plan.runs));
        for route in Route::ALL {
            let requests = requester.requests(route, count)?;
            let measured: Measured = load::at_rate(stack.brain.port(), PER_SECOND, &requests, plan.stretch).await?;
            if run > 0 {
                stage.add(route, measured);
            }
        }
    }
    Ok(stage)
}
