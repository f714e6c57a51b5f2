//! What a stack can be built from. Without any choice it is right for a system test.

use std::{path::PathBuf, time::Duration};

use anyhow::Result;

use super::{Stack, start};
use crate::{
    postgres::{Postgres, PostgresOptions},
    secrets::Secrets,
};

/// A business number of the simulated WhatsApp account.
#[derive(Clone, Copy, Debug)]
pub struct Business {
    /// Its display name, without commas.
    pub name: &'static str,
    /// Its number in E.164.
    pub phone_number: &'static str,
}

/// The tenant that the brain creates on an empty database.
pub const DEFAULT_BUSINESS: Business = Business { name: "Clínica Sonrisas", phone_number: "+5491155550101" };

/// A number for a second tenant; the simulators know it, the brain only after
/// [`Stack::apply_tenant`].
pub const SECOND_BUSINESS: Business = Business { name: "Mate y Cuero", phone_number: "+5491155550202" };

/// Variables to set, or with `None` to leave out although we would set them.
pub(super) type Overrides = Vec<(String, Option<String>)>;

/// Chooses what to start; see [`Stack::builder`].
#[derive(Clone, Debug)]
pub struct StackBuilder {
    pub(super) name: String,
    pub(super) dir: Option<PathBuf>,
    pub(super) bin_dir: Option<PathBuf>,
    pub(super) edge_env: Overrides,
    pub(super) brain_env: Overrides,
    pub(super) simulator_args: Vec<String>,
    pub(super) businesses: Vec<(String, String)>,
    pub(super) postgres: PostgresChoice,
    pub(super) redis_url: Option<String>,
    pub(super) secrets: Option<Secrets>,
    pub(super) ports: WantedPorts,
    pub(super) ready_within: Duration,
}

#[derive(Clone, Debug, Default)]
pub(super) enum PostgresChoice {
    /// The server of `cargo xtask test` when there is one, else an own one.
    #[default]
    Auto,
    Own(PostgresOptions),
    /// A database of our own on a running server; the connection string is an administrator's.
    Shared(String),
    /// Exactly this database, as it is.
    Given(String),
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct WantedPorts {
    pub(super) edge: Option<u16>,
    pub(super) brain: Option<u16>,
    pub(super) simulators: Option<u16>,
}

impl Default for StackBuilder {
    fn default() -> Self {
        Self {
            name: "stack".into(),
            dir: None,
            bin_dir: None,
            edge_env: Vec::new(),
            brain_env: Vec::new(),
            simulator_args: Vec::new(),
            businesses: Vec::new(),
            postgres: PostgresChoice::Auto,
            redis_url: None,
            secrets: None,
            ports: WantedPorts::default(),
            // Three debug builds at once on two busy cores.
            ready_within: Duration::from_secs(60),
        }
    }
}

impl StackBuilder {
    /// Starts everything and waits until both services are ready.
    pub async fn start(self) -> Result<Stack> {
        start::start(self).await
    }

    /// A name for its directory and database: lower-case letters, digits, underscores.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Keeps data, logs and media here between runs, instead of in a temporary directory.
    pub fn dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.dir = Some(dir.into());
        self
    }

    /// Where the three programs are; else `NEXUS_BIN_DIR`, else beside the running program.
    pub fn bin_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.bin_dir = Some(dir.into());
        self
    }

    /// Sets a variable of the edge.
    pub fn edge_env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.edge_env.push((name.into(), Some(value.into())));
        self
    }

    /// Leaves a variable of the edge out.
    pub fn edge_env_remove(mut self, name: impl Into<String>) -> Self {
        self.edge_env.push((name.into(), None));
        self
    }

    /// Sets a variable of the brain.
    pub fn brain_env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.brain_env.push((name.into(), Some(value.into())));
        self
    }

    /// Leaves a variable of the brain out.
    pub fn brain_env_remove(mut self, name: impl Into<String>) -> Self {
        self.brain_env.push((name.into(), None));
        self
    }

    /// Sets a variable of both services.
    pub fn both_env(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), value.into());
        self.edge_env(name.clone(), value.clone()).brain_env(name, value)
    }

    /// More arguments for the simulators.
    pub fn simulator_args<S: Into<String>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.simulator_args.extend(args.into_iter().map(Into::into));
        self
    }

    /// One more business number, besides the default tenant's and [`SECOND_BUSINESS`].
    pub fn business(mut self, phone_number: impl Into<String>, name: impl Into<String>) -> Self {
        self.businesses.push((phone_number.into(), name.into()));
        self
    }

    /// Makes a database of its own on a server that already runs.
    pub fn postgres(mut self, server: &Postgres) -> Self {
        self.postgres = PostgresChoice::Shared(server.dsn("postgres"));
        self
    }

    /// Starts a Postgres of its own even when there is a shared one: for tests that kill it.
    pub fn own_postgres(mut self, options: PostgresOptions) -> Self {
        self.postgres = PostgresChoice::Own(options);
        self
    }

    /// Uses this database, with whatever is in it.
    pub fn postgres_dsn(mut self, dsn: impl Into<String>) -> Self {
        self.postgres = PostgresChoice::Given(dsn.into());
        self
    }

    /// Uses this Redis instead of starting one.
    pub fn redis_url(mut self, url: impl Into<String>) -> Self {
        self.redis_url = Some(url.into());
        self
    }

    /// Uses these secrets instead of fresh ones.
    pub fn secrets(mut self, secrets: Secrets) -> Self {
        self.secrets = Some(secrets);
        self
    }

    /// Takes these ports when they are free.
    pub fn preferred_ports(mut self, edge: u16, brain: u16, simulators: u16) -> Self {
        self.ports = WantedPorts { edge: Some(edge), brain: Some(brain), simulators: Some(simulators) };
        self
    }

    /// How long the services may take to become ready.
    pub fn ready_within(mut self, deadline: Duration) -> Self {
        self.ready_within = deadline;
        self
    }
}
