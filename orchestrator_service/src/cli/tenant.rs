//! `tenant …`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use nexus_core::ids::TenantId;
use nexus_core::tenancy::Db;
use uuid::Uuid;

use super::{say, say_json};
use crate::admin::audit::{self, Change, NOTHING};
use crate::auth::Caller;
use crate::config::Config;
use crate::startup;
use crate::tenants::{self, AssistantSpec, ChannelSpec, TenantSpec, export, lifecycle};
use crate::tools::Registry;

/// As many as one page of the list holds.
const PAGE: i64 = 500;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List every tenant, newest first
    List {
        /// Print JSON for programs
        #[arg(long)]
        json: bool,
    },
    /// Show one tenant as JSON
    Show {
        /// Its id
        tenant: Uuid,
    },
    /// Make a tenant from flags; with a number also its channel and a first assistant
    Create(Create),
    /// Stop the assistant of a tenant: nobody is answered, its people still sign in and read
    Suspend {
        /// Its id
        tenant: Uuid,
    },
    /// Let a suspended tenant go on
    Resume {
        /// Its id
        tenant: Uuid,
    },
    /// Erase a tenant and everything it has, for good
    Erase {
        /// Its id
        tenant: Uuid,
        /// Its name, exactly, as proof that it is meant
        #[arg(long, value_name = "NAME")]
        confirm_name: String,
    },
    /// Write everything stored about a tenant as JSON lines, without secrets
    Export {
        /// Its id
        tenant: Uuid,
        /// The file; without it standard output
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Create or change the tenant described by a JSON file
    Apply {
        /// The file
        file: PathBuf,
    },
}

/// What a new tenant is.
#[derive(Debug, Args)]
pub(super) struct Create {
    /// What customers know it by
    #[arg(long)]
    name: String,
    /// es, pt or en
    #[arg(long, default_value = "es")]
    language: String,
    /// An IANA name such as America/Sao_Paulo
    #[arg(long, default_value = "America/Argentina/Buenos_Aires")]
    time_zone: String,
    /// Its WhatsApp number in international form; without it people connect one in the UI
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,
    /// Who is behind the number: ycloud, meta or evolution
    #[arg(long, default_value = "ycloud")]
    provider: String,
    /// Who is mailed about handoffs; may be given several times
    #[arg(long, value_name = "EMAIL")]
    handoff_email: Vec<String>,
}

impl Command {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        match self {
            Self::List { json } => list(&startup::connect(&config.stores).await?, json).await,
            Self::Show { tenant } => show(&startup::connect(&config.stores).await?, TenantId(tenant)).await,
            Self::Create(create) => create.run(config).await,
            Self::Suspend { tenant } => set_suspended(config, TenantId(tenant), true).await,
            Self::Resume { tenant } => set_suspended(config, TenantId(tenant), false).await,
            Self::Erase { tenant, confirm_name } => erase(config, TenantId(tenant), &confirm_name).await,
            Self::Export { tenant, to } => write_export(config, TenantId(tenant), to.as_deref()).await,
            Self::Apply { file } => apply_file(config, &file).await,
        }
    }
}

/// Every tenant, newest first.
pub(super) async fn all(db: &Db) -> anyhow::Result<Vec<lifecycle::Tenant>> {
    let mut tx = db.system().await?;
    let mut all: Vec<lifecycle::Tenant> = Vec::new();
    loop {
        let page = lifecycle::list(&mut tx, all.last().map(|tenant| tenant.id.0), PAGE).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

async fn list(db: &Db, json: bool) -> anyhow::Result<()> {
    let tenants = all(db).await?;
    if json {
        return say_json(&tenants);
    }
    for tenant in tenants {
        let state = if tenant.suspended_at.is_some() { "suspended" } else { "active" };
        say(format_args!("{}  {state:9}  {}  {}", tenant.id, tenant.created_at.format("%Y-%m-%d"), tenant.name))?;
    }
    Ok(())
}

async fn show(db: &Db, tenant: TenantId) -> anyhow::Result<()> {
    let mut tx = db.tenant(tenant).await?;
    say_json(&lifecycle::find(&mut tx).await?.context("there is no such tenant")?)
}

impl Create {
    async fn run(self, config: &Config) -> anyhow::Result<()> {
        if self.phone.is_some() {
            return apply(config, &self.spec()).await;
        }
        // The same rules as for a file, which needs a channel.
        let mistakes = self.spec().mistakes(&Registry::new());
        let mistakes: Vec<_> = mistakes.into_iter().filter(|mistake| !mistake.starts_with("channels")).collect();
        anyhow::ensure!(mistakes.is_empty(), "{}", mistakes.join("; "));
        anyhow::ensure!(self.handoff_email.is_empty(), "--handoff-email needs --phone; people set it in the UI otherwise");
        let db = startup::prepare(&config.stores, startup::pool(&config.stores)?).await?;
        let tenant = TenantId::new();
        let mut tx = db.tenant(tenant).await?;
        let made = lifecycle::create(&mut tx, &self.name, Some(&self.language), Some(&self.time_zone)).await?;
        audit::record(&mut tx, Some(tenant), &Caller::AdminKey, change("tenant.created", tenant), (NOTHING, Some(&made))).await?;
        tx.commit().await?;
        say_json(&made)
    }

    fn spec(&self) -> TenantSpec {
        let channel = |phone: &String| ChannelSpec {
            provider: self.provider.clone(),
            phone_number: phone.clone(),
            display_name: self.name.clone(),
            api_key: None,
            webhook_secret: None,
            previous_webhook_secret: None,
        };
        TenantSpec {
            name: self.name.clone(),
            language: self.language.clone(),
            time_zone: self.time_zone.clone(),
            location: None,
            website: None,
            description: None,
            business_hours: None,
            handoff_emails: self.handoff_email.clone(),
            burst_window_ms: None,
            burst_ceiling_ms: None,
            bubble_delay_ms: None,
            silence_window_hours: None,
            assistant: AssistantSpec::starter(&self.name, &self.language),
            channels: self.phone.iter().map(channel).collect(),
        }
    }
}

async fn set_suspended(config: &Config, tenant: TenantId, is_suspended: bool) -> anyhow::Result<()> {
    let db = startup::connect(&config.stores).await?;
    let mut tx = db.tenant(tenant).await?;
    let changed = lifecycle::set_suspended(&mut tx, is_suspended).await?.context("there is no such tenant")?;
    let action = if is_suspended { "tenant.suspended" } else { "tenant.resumed" };
    audit::record(&mut tx, Some(tenant), &Caller::AdminKey, change(action, tenant), (NOTHING, NOTHING)).await?;
    tx.commit().await?;
    say_json(&changed)
}

async fn erase(config: &Config, tenant: TenantId, confirm_name: &str) -> anyhow::Result<()> {
    let db = startup::connect(&config.stores).await?;
    let mut tx = db.system().await?;
    let name = lifecycle::lock_name(&mut tx, tenant).await?.context("there is no such tenant")?;
    if name != confirm_name {
        bail!("--confirm-name must be exactly the name of the tenant: {name}");
    }
    lifecycle::erase(&mut tx, tenant).await?;
    audit::record(&mut tx, None, &Caller::AdminKey, change("tenant.erased", tenant), (NOTHING, NOTHING)).await?;
    tx.commit().await?;
    Ok(say(format_args!("erased {tenant}"))?)
}

const fn change(action: &str, tenant: TenantId) -> Change<'_> {
    Change { action, object_kind: "tenant", object_id: Some(tenant.0) }
}

async fn write_export(config: &Config, tenant: TenantId, to: Option<&Path>) -> anyhow::Result<()> {
    let db = startup::connect(&config.stores).await?;
    let mut check = db.tenant(tenant).await?;
    lifecycle::find(&mut check).await?.context("there is no such tenant")?;
    drop(check);
    let mut out: Box<dyn Write + Send> = match to {
        Some(file) => Box::new(File::create_new(file).with_context(|| format!("cannot create {}", file.display()))?),
        None => Box::new(std::io::stdout()),
    };
    let mut tx = db.tenant(tenant).await?;
    let rows = export::export(&mut tx, &mut BufWriter::new(&mut out)).await?;
    if let Some(file) = to {
        say(format_args!("{rows} rows in {}", file.display()))?;
    }
    Ok(())
}

async fn apply_file(config: &Config, file: &Path) -> anyhow::Result<()> {
    let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let spec: TenantSpec = serde_json::from_slice(&text).with_context(|| format!("{} is not a tenant file", file.display()))?;
    apply(config, &spec).await
}

async fn apply(config: &Config, spec: &TenantSpec) -> anyhow::Result<()> {
    let vault = config.vault()?;
    let db = startup::prepare(&config.stores, startup::pool(&config.stores)?).await?;
    say_json(&tenants::apply(&db, &vault, &Registry::new(), spec).await?)
}
