//! `replay …`: the API's repairs for many at once. Everything is counted first; `--dry-run` stops there.

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand, ValueEnum};
use nexus_core::ids::{ConversationId, MessageId, TenantId};
use nexus_core::tenancy::Db;
use nexus_core::wake::{Redis, Topic};
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use super::{say, tenant};
use crate::admin::audit::{self, Change, NOTHING};
use crate::auth::Caller;
use crate::config::Config;
use crate::inbox::InboxError;
use crate::inbox::messages::resend::resend;
use crate::inbox::repairs::{jobs, sends, webhooks};
use crate::startup;

/// Messages of one tenant that one run sends again.
const MOST_MESSAGES: i64 = 10_000;
/// A year; nobody means more.
const MOST_HOURS: u32 = 24 * 366;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Let the edge read parked webhook events again; what is stored already is not stored twice
    Webhooks(Webhooks),
    /// Try dead jobs again, from their first try
    Jobs(Jobs),
    /// Send messages again that did not arrive
    Outbox(Outbox),
}

/// For every command.
#[derive(Debug, Args)]
struct Common {
    /// Only of this tenant; without it of every tenant
    #[arg(long, value_name = "ID")]
    tenant: Option<Uuid>,
    /// Only count
    #[arg(long)]
    dry_run: bool,
}

/// Which webhook events.
#[derive(Debug, Args)]
pub(super) struct Webhooks {
    #[command(flatten)]
    common: Common,
    /// Only those parked for exactly this reason
    #[arg(long)]
    reason: Option<String>,
    /// Only those of this provider: ycloud, meta or evolution
    #[arg(long)]
    provider: Option<String>,
}

/// Which jobs.
#[derive(Debug, Args)]
pub(super) struct Jobs {
    #[command(flatten)]
    common: Common,
    /// Only of this kind, e.g. handoff_mail
    #[arg(long)]
    kind: Option<String>,
}

/// Which messages.
#[derive(Debug, Args)]
pub(super) struct Outbox {
    #[command(flatten)]
    common: Common,
    /// How they ended: failed, or unknown, which may have arrived after all
    #[arg(long, value_enum, default_value_t = Ended::Failed)]
    status: Ended,
    /// Only those that failed with this code
    #[arg(long)]
    error_code: Option<String>,
    /// Only those of the last hours: yesterday's answer helps nobody
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_HOURS)))]
    hours: u32,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Ended {
    /// Refused, or given up
    Failed,
    /// Nobody knows whether it left
    Unknown,
}

impl Command {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let db = startup::connect(&config.stores).await?;
        let redis = Redis::new(config.stores.redis.expose_secret()).context("REDIS_URL cannot be used")?;
        match self {
            Self::Webhooks(which) => which.run(&db).await,
            Self::Jobs(which) => which.run(&db, &redis).await,
            Self::Outbox(which) => which.run(&db, &redis).await,
        }
    }
}

impl Common {
    async fn tenants(&self, db: &Db) -> anyhow::Result<Vec<TenantId>> {
        match self.tenant {
            Some(tenant) => Ok(vec![TenantId(tenant)]),
            None => Ok(tenant::all(db).await?.into_iter().map(|tenant| tenant.id).collect()),
        }
    }

    /// Says how many there are. Answers whether to go on.
    fn goes_on(&self, what: &str, found: u64) -> std::io::Result<bool> {
        say(format_args!("{found} {what}"))?;
        Ok(found > 0 && !self.dry_run)
    }
}

impl Webhooks {
    async fn run(self, db: &Db) -> anyhow::Result<()> {
        let tenant = self.common.tenant.map(TenantId);
        let scope = tenant.map_or(webhooks::Scope::Installation, webhooks::Scope::Tenant);
        let filter = webhooks::Filter { reason: self.reason, provider: self.provider };
        let counted = webhooks::replay_all(&mut db.system().await?, scope, &filter, true).await?;
        if counted.skipped > 0 {
            say(format_args!("{} parked events have no body any more and stay", counted.skipped))?;
        }
        if !self.common.goes_on("parked events to replay", (counted.replayed + counted.remaining).unsigned_abs())? {
            return Ok(());
        }
        let mut replayed = 0;
        loop {
            let mut tx = db.system().await?;
            let done = webhooks::replay_all(&mut tx, scope, &filter, false).await?;
            let change = Change { action: "webhook_events.replayed", object_kind: "webhook_event", object_id: None };
            audit::record(&mut tx, tenant, &Caller::AdminKey, change, (NOTHING, Some(&done))).await?;
            tx.commit().await?;
            replayed += done.replayed;
            // None replayed although some remain: somebody else holds them.
            if done.remaining == 0 || done.replayed == 0 {
                return Ok(say(format_args!("{replayed} replayed, {} left", done.remaining))?);
            }
        }
    }
}

impl Jobs {
    async fn run(self, db: &Db, redis: &Redis) -> anyhow::Result<()> {
        let (tenants, kind) = (self.common.tenants(db).await?, self.kind.as_deref());
        let mut found = 0;
        for tenant in &tenants {
            found += jobs::count(&mut db.tenant(*tenant).await?, kind).await?;
        }
        if !self.common.goes_on("dead jobs to try again", found)? {
            return Ok(());
        }
        let mut total = 0;
        for tenant in tenants {
            let mut tx = db.tenant(tenant).await?;
            let retried = jobs::retry(&mut tx, &jobs::Which::All(kind)).await?;
            if retried > 0 {
                let change = Change { action: "job.retried", object_kind: "job", object_id: None };
                audit::record(&mut tx, Some(tenant), &Caller::AdminKey, change, (NOTHING, Some(&retried))).await?;
                tx.commit().await?;
            }
            total += retried;
        }
        redis.wake(Topic::Jobs).await;
        Ok(say(format_args!("{total} tried again"))?)
    }
}

impl Outbox {
    async fn run(self, db: &Db, redis: &Redis) -> anyhow::Result<()> {
        let tenants = self.common.tenants(db).await?;
        let filter = self.filter(Utc::now());
        let mut found: Vec<(TenantId, ConversationId, MessageId)> = Vec::new();
        for tenant in tenants {
            let of_tenant = sends::to_send_again(&mut db.tenant(tenant).await?, &filter, MOST_MESSAGES).await?;
            found.extend(of_tenant.into_iter().map(|(conversation, message)| (tenant, conversation, message)));
        }
        if !self.common.goes_on("messages to send again", found.len() as u64)? {
            return Ok(());
        }
        let (mut sent, mut refused) = (0_u64, 0_u64);
        for (tenant, conversation, message) in found {
            match send_again(db, tenant, conversation, message).await {
                Ok(()) => sent += 1,
                Err(InboxError::Database(error)) => return Err(error).with_context(|| format!("{sent} were sent again before")),
                // Somebody did it meanwhile, or the contact may not be written to any more.
                Err(_) => refused += 1,
            }
        }
        redis.wake(Topic::Outbox).await;
        Ok(say(format_args!("{sent} sent again, {refused} could not be"))?)
    }

    fn filter(&self, now: DateTime<Utc>) -> sends::Filter {
        let status = match self.status {
            Ended::Failed => "failed",
            Ended::Unknown => "unknown",
        };
        let since = now - TimeDelta::hours(i64::from(self.hours));
        sends::Filter { status: status.to_owned(), error_code: self.error_code.clone(), since }
    }
}

async fn send_again(db: &Db, tenant: TenantId, conversation: ConversationId, message: MessageId) -> Result<(), InboxError> {
    let mut tx = db.tenant(tenant).await?;
    let copy = resend(&mut tx, conversation, message, None).await?;
    let change = Change { action: "message.resent", object_kind: "message", object_id: Some(copy.0) };
    audit::record(&mut tx, Some(tenant), &Caller::AdminKey, change, (Some(&message), Some(&copy))).await?;
    Ok(tx.commit().await?)
}
