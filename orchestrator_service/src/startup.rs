//! Brings the database to where this build needs it: role, migrations, rights. Waits for a database that is not there
//! yet, and refuses one that must not be touched.

use std::time::Duration;

use nexus_core::db::{self, BadDsn, PoolSize};
use nexus_core::telemetry::error_chain;
use nexus_core::tenancy::{Db, TenantRole, TenantRoleError};
use sqlx::PgPool;
use sqlx::migrate::MigrateError;

use crate::config::Stores;

const POOL: PoolSize = PoolSize { connections: 24, acquire_timeout: Duration::from_secs(5) };
/// One for the lock, one for the migrations, and room for what follows.
const MIGRATION_POOL: PoolSize = PoolSize { connections: 4, acquire_timeout: Duration::from_secs(30) };
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(2);
/// Any number, as long as every replica uses the same: two grants at once fail with "tuple concurrently updated".
const GRANT_LOCK: i64 = 0x4e_65_78_75_67;

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StartupError {
    /// `POSTGRES_DSN` or `POSTGRES_DIRECT_DSN`.
    #[error(transparent)]
    Dsn(#[from] BadDsn),
    /// An applied migration is not the one of this build.
    #[error(
        "migration {0} of this build differs from the one the database has; nothing was changed. Run the build that made \
         this database, or restore a backup made before it; never edit an applied migration"
    )]
    Drift(i64),
    /// A migration failed; it was rolled back.
    #[error("a migration failed and was rolled back")]
    Migration(#[source] MigrateError),
    /// A command found an older schema than it was built for.
    #[error("the schema is at {version} and must be at {required}; run: orchestrator_service migrate")]
    NotMigrated {
        /// What the database has.
        version: i64,
        /// What this build needs.
        required: i64,
    },
    /// Tenants cannot be kept apart with this user.
    #[error(transparent)]
    TenantRole(#[from] TenantRoleError),
    /// The database did not answer.
    #[error("the database did not answer")]
    Database(#[from] sqlx::Error),
}

impl StartupError {
    /// Whether the same may work in a moment.
    fn is_passing(&self) -> bool {
        match self {
            Self::Database(error) | Self::TenantRole(TenantRoleError::Database(error)) => is_connection_failure(error),
            Self::Migration(MigrateError::Execute(error)) => is_connection_failure(error),
            _ => false,
        }
    }
}

fn is_connection_failure(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => true,
        // 57P03: it is starting; 08…: the connection failed; 53300: no connection is free; 28… and 3D000: its
        // initialisation may still have to make the user or the database.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            matches!(code.as_ref(), "57P03" | "57P01" | "53300" | "3D000") || code.starts_with("08") || code.starts_with("28")
        }),
        _ => false,
    }
}

/// The pool of the service; does not connect yet.
pub fn pool(stores: &Stores) -> Result<PgPool, StartupError> {
    Ok(db::connect_lazily(&stores.postgres, POOL)?)
}

/// The database as it is, for commands that neither wait nor migrate.
pub async fn connect(stores: &Stores) -> Result<Db, StartupError> {
    let pool = pool(stores)?;
    let version = db::schema_version(&pool).await?.unwrap_or(0);
    if version < db::required_schema_version() {
        return Err(StartupError::NotMigrated { version, required: db::required_schema_version() });
    }
    let role = TenantRole::detect(&pool).await?;
    Ok(Db::new(pool, role))
}

/// Prepares the database, waiting for it as long as it is only unreachable.
pub async fn prepare(stores: &Stores, pool: PgPool) -> Result<Db, StartupError> {
    loop {
        match prepare_once(stores, &pool).await {
            Ok(role) => return Ok(Db::new(pool, role)),
            Err(error) if error.is_passing() => {
                tracing::warn!(error = error_chain(&error), "postgres cannot be used yet; trying again");
                tokio::time::sleep(TRY_AGAIN_AFTER).await;
            }
            Err(error) => return Err(error),
        }
    }
}

async fn prepare_once(stores: &Stores, pool: &PgPool) -> Result<TenantRole, StartupError> {
    let direct = db::connect_lazily(stores.postgres_direct.as_ref().unwrap_or(&stores.postgres), MIGRATION_POOL)?;
    let prepared = migrate(&direct).await;
    direct.close().await;
    prepared?;
    Ok(TenantRole::detect(pool).await?)
}

async fn migrate(pool: &PgPool) -> Result<(), StartupError> {
    TenantRole::create(pool).await?;
    db::migrate(pool).await.map_err(|error| match error {
        MigrateError::VersionMismatch(version) => StartupError::Drift(version),
        other => StartupError::Migration(other),
    })?;
    let mut tx = pool.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(GRANT_LOCK).execute(&mut *tx).await?;
    sqlx::query("SELECT nexus_grant_tenant_role() WHERE EXISTS (SELECT FROM pg_roles WHERE rolname = 'nexus_tenant')")
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    tracing::info!(version = db::required_schema_version(), "the schema is up to date");
    Ok(())
}
