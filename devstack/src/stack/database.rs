//! The stack's database: on a server of its own, on a shared one, or one that somebody else looks after.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result};
use sqlx::{Connection, PgConnection};
use tokio::time::timeout;

use super::builder::PostgresChoice;
use crate::{
    pgbouncer::PgBouncer,
    postgres::{self, Postgres, PostgresOptions},
    process::Process,
    secrets,
};

/// Set by `cargo xtask test`: an administrator's connection string of the server for all tests, as the services get it.
const SHARED_SERVER: &str = "NEXUS_TEST_POSTGRES";
/// Set when that one leads through a pooler: the same server without it, where databases are made and dropped. Servers
/// that belong to one stack then get a pooler too.
const SHARED_SERVER_DIRECT: &str = "NEXUS_TEST_POSTGRES_DIRECT";
/// The database on a server that belongs to one stack.
const OWN_DATABASE: &str = "nexus";
/// A destructor must not hang on a server that is gone.
const DROP_DEADLINE: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Database {
    /// What the services are given.
    dsn: String,
    /// The same database past a pooler.
    direct_dsn: String,
    // Before the server: whoever stands in front goes first.
    pooler: Option<PgBouncer>,
    origin: Origin,
}

#[derive(Debug)]
enum Origin {
    Own(Box<Postgres>),
    Shared { admin_dsn: String, name: String },
    Given,
    Closed,
}

impl Database {
    pub(super) async fn open(choice: &PostgresChoice, stack: &str, kept_in: Option<&Path>) -> Result<Self> {
        match choice {
            PostgresChoice::Given(dsn) => Ok(Self::without_pooler(dsn.clone(), Origin::Given)),
            PostgresChoice::Shared(admin_dsn) => Self::on_shared(admin_dsn, admin_dsn, stack).await,
            PostgresChoice::Own(options) => Self::on_own(options, kept_in).await,
            PostgresChoice::Auto => match set(SHARED_SERVER) {
                Some(dsn) => Self::on_shared(&dsn, &set(SHARED_SERVER_DIRECT).unwrap_or_else(|| dsn.clone()), stack).await,
                None => Self::on_own(&PostgresOptions::default(), kept_in).await,
            },
        }
    }

    fn without_pooler(dsn: String, origin: Origin) -> Self {
        Self { direct_dsn: dsn.clone(), dsn, pooler: None, origin }
    }

    async fn on_own(options: &PostgresOptions, kept_in: Option<&Path>) -> Result<Self> {
        let dir = options.dir.clone().or_else(|| kept_in.map(|dir| dir.join("postgres")));
        let server = Postgres::start(PostgresOptions { dir, ..options.clone() }).await?;
        if !exists(&server.dsn("postgres"), OWN_DATABASE).await? {
            server.create_database(OWN_DATABASE).await?;
        }
        let mut database = Self::without_pooler(server.dsn(OWN_DATABASE), Origin::Own(Box::new(server)));
        if set(SHARED_SERVER_DIRECT).is_some() {
            let pooler = PgBouncer::start(&database.direct_dsn).await?;
            database.dsn = pooler.dsn(OWN_DATABASE);
            database.pooler = Some(pooler);
        }
        Ok(database)
    }

    async fn on_shared(dsn: &str, admin_dsn: &str, stack: &str) -> Result<Self> {
        let name = format!("{stack}_{}", secrets::token(4));
        postgres::create_database(admin_dsn, &name).await?;
        let (dsn, direct_dsn) = (with_database(dsn, &name)?, with_database(admin_dsn, &name)?);
        let origin = Origin::Shared { admin_dsn: admin_dsn.to_owned(), name };
        Ok(Self { dsn, direct_dsn, pooler: None, origin })
    }

    pub(super) fn dsn(&self) -> &str {
        &self.dsn
    }

    pub(super) fn direct_dsn(&self) -> &str {
        &self.direct_dsn
    }

    pub(super) fn server(&mut self) -> Option<&mut Postgres> {
        match &mut self.origin {
            Origin::Own(server) => Some(server),
            _ => None,
        }
    }

    pub(super) fn process(&self) -> Option<&Process> {
        match &self.origin {
            Origin::Own(server) => server.process(),
            _ => None,
        }
    }

    pub(super) async fn close(&mut self) -> Result<()> {
        self.pooler = None;
        match std::mem::replace(&mut self.origin, Origin::Closed) {
            Origin::Own(mut server) => server.stop().await,
            Origin::Shared { admin_dsn, name } => postgres::drop_database(&admin_dsn, &name).await,
            Origin::Given | Origin::Closed => Ok(()),
        }
    }
}

impl Drop for Database {
    /// A shared server would fill up with the databases of a long test run. A destructor cannot await, so the
    /// clean-up gets a thread and a runtime of its own; if it fails, the server itself is about to go anyway.
    fn drop(&mut self) {
        if let Origin::Shared { admin_dsn, name } = std::mem::replace(&mut self.origin, Origin::Closed) {
            let cleaner = std::thread::spawn(move || {
                let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
                let dropped = async { timeout(DROP_DEADLINE, postgres::drop_database(&admin_dsn, &name)).await };
                let _ = runtime.block_on(dropped);
            });
            let _ = cleaner.join();
        }
    }
}

fn set(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|value| !value.is_empty())
}

async fn exists(admin_dsn: &str, name: &str) -> Result<bool> {
    let mut connection = PgConnection::connect(admin_dsn).await.context("cannot reach Postgres")?;
    let found: Option<i32> =
        sqlx::query_scalar("SELECT 1 FROM pg_database WHERE datname = $1").bind(name).fetch_optional(&mut connection).await?;
    connection.close().await?;
    Ok(found.is_some())
}

/// The same connection string for another database.
fn with_database(dsn: &str, name: &str) -> Result<String> {
    let (address, query) = dsn.split_once('?').map_or((dsn, None), |(address, query)| (address, Some(query)));
    let host = address.find("://").map_or(0, |scheme| scheme + 3);
    let path = address.get(host..).and_then(|rest| rest.find('/')).map_or(address.len(), |slash| host + slash);
    let server = address.get(..path).context("the connection string is not text")?;
    Ok(query.map_or_else(|| format!("{server}/{name}"), |query| format!("{server}/{name}?{query}")))
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn changes_only_the_database() {
        for (from, to) in [
            ("postgres://u:p@h:1/postgres", "postgres://u:p@h:1/x"),
            ("postgres://u:p@h:1", "postgres://u:p@h:1/x"),
            ("postgres://u:p@h:1/a?sslmode=disable", "postgres://u:p@h:1/x?sslmode=disable"),
        ] {
            assert_eq!(with_database(from, "x").unwrap(), to);
        }
    }
}
