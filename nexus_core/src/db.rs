//! The connection pool, the migrations, and the check that the schema is new enough for this build.

use std::str::FromStr;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::PgPool;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// The migrations of this build.
pub static MIGRATOR: Migrator = sqlx::migrate!("../schema/migrations");

/// Any number, as long as every replica uses the same: "Nexus" in ASCII.
const MIGRATION_LOCK: i64 = 0x4e_65_78_75_73;

/// How many connections, and how long a caller waits for one.
#[derive(Clone, Copy, Debug)]
pub struct PoolSize {
    /// Most connections at once.
    pub connections: u32,
    /// How long a caller waits before it gives up.
    pub acquire_timeout: Duration,
}

/// A DSN that cannot be understood. The cause is not shown: it may repeat the password.
#[derive(Debug, thiserror::Error)]
#[error("the DSN is not a Postgres URL such as postgres://user:password@host:5432/nexus")]
pub struct BadDsn;

/// How to connect by a DSN.
pub fn connect_options(dsn: &SecretString) -> Result<PgConnectOptions, BadDsn> {
    let text = dsn.expose_secret();
    // The parser takes any scheme, and what stands in the wrong place would be shown as a host.
    if !["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
        return Err(BadDsn);
    }
    let options = PgConnectOptions::from_str(text).map_err(|_| BadDsn)?;
    // Values travel in binary, so the setting changes nothing, and PgBouncer refuses a connection that brings it along.
    Ok(options.extra_float_digits(None))
}

/// Makes a pool that connects when it is first used, so a service starts before its database does.
pub fn connect_lazily(dsn: &SecretString, size: PoolSize) -> Result<PgPool, BadDsn> {
    let options = connect_options(dsn)?;
    let pool = PgPoolOptions::new()
        .max_connections(size.connections)
        .acquire_timeout(size.acquire_timeout)
        .max_lifetime(Duration::from_secs(30 * 60))
        .idle_timeout(Duration::from_secs(5 * 60))
        .connect_lazy_with(options);
    Ok(pool)
}

/// Brings the schema up to this build, one replica at a time.
///
/// The lock is a transaction's, not a session's, so that it also holds through a transaction pooler.
pub async fn migrate(pool: &PgPool) -> Result<(), MigrateError> {
    let mut lock = pool.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(MIGRATION_LOCK).execute(&mut *lock).await?;
    let mut migrator = Migrator { locking: false, ..Migrator::DEFAULT };
    migrator.migrations = MIGRATOR.migrations.clone();
    // A newer build has been here: its schema still serves this one, since migrations expand before they contract.
    migrator.ignore_missing = true;
    migrator.run(pool).await?;
    lock.commit().await?;
    Ok(())
}

/// The newest migration this build knows.
#[must_use]
pub fn required_schema_version() -> i64 {
    MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// The newest migration the database has, or `None` when it was never migrated.
pub async fn schema_version(pool: &PgPool) -> Result<Option<i64>, sqlx::Error> {
    let is_migrated: bool = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL").fetch_one(pool).await?;
    if !is_migrated {
        return Ok(None);
    }
    sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success").fetch_one(pool).await
}
