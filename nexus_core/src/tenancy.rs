//! The two kinds of transaction. [`TenantTx`] can reach one tenant's rows and nothing else; [`SystemTx`] is for the few
//! functions that route or claim work across tenants. Row-level security enforces the difference.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, Transaction};
use tokio::sync::OnceCell;

use crate::ids::TenantId;

/// How tenant transactions lower their rights; decided once at start by [`TenantRole::detect`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TenantRole {
    /// Switch to the role `nexus_tenant`.
    Switched,
    /// The connection's own role is subject to row-level security; there is nothing to switch to.
    OwnRole,
}

/// Why tenants cannot be kept apart with this database user.
#[derive(Debug, thiserror::Error)]
pub enum TenantRoleError {
    /// A superuser (or BYPASSRLS) without a role to step down to would see every tenant.
    #[error(
        "the database user bypasses row-level security and may not switch to the role nexus_tenant; \
         run as a superuser: CREATE ROLE nexus_tenant NOLOGIN; GRANT nexus_tenant TO CURRENT_USER"
    )]
    Bypasses,
    /// The database did not answer.
    #[error("could not examine the database role")]
    Database(#[from] sqlx::Error),
}

impl From<TenantRoleError> for sqlx::Error {
    fn from(error: TenantRoleError) -> Self {
        match error {
            TenantRoleError::Database(error) => error,
            TenantRoleError::Bypasses => Self::Configuration(error.into()),
        }
    }
}

impl TenantRole {
    /// Creates the role `nexus_tenant` if that is allowed. A refusal is fine as long as [`TenantRole::detect`] finds a way.
    pub async fn create(pool: &PgPool) -> Result<(), sqlx::Error> {
        let created = sqlx::raw_sql(
            "DO $$ BEGIN
                 IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'nexus_tenant') THEN
                     CREATE ROLE nexus_tenant NOLOGIN;
                 END IF;
                 IF NOT pg_has_role(current_user, 'nexus_tenant', 'MEMBER') THEN
                     EXECUTE format('GRANT nexus_tenant TO %I', current_user);
                 END IF;
             EXCEPTION
                 WHEN insufficient_privilege THEN NULL;
                 -- Another replica or another installation of the same cluster was faster.
                 WHEN duplicate_object OR unique_violation THEN NULL;
             END $$",
        );
        created.execute(pool).await.map(drop)
    }

    /// Finds out how this connection keeps tenants apart, or refuses.
    pub async fn detect(pool: &PgPool) -> Result<Self, TenantRoleError> {
        let (may_switch, bypasses): (bool, bool) = sqlx::query_as(
            "SELECT coalesce((SELECT pg_has_role(current_user, oid, 'MEMBER') FROM pg_roles WHERE rolname = 'nexus_tenant'), false),
                    (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user)",
        )
        .fetch_one(pool)
        .await?;
        match (may_switch, bypasses) {
            (true, _) => Ok(Self::Switched),
            (false, false) => Ok(Self::OwnRole),
            (false, true) => Err(TenantRoleError::Bypasses),
        }
    }
}

/// The database as the services use it: a pool, and how to lower one's rights on it.
#[derive(Clone, Debug)]
pub struct Db {
    pool: PgPool,
    /// Empty until the database has been reached once.
    tenant_role: Arc<OnceCell<TenantRole>>,
}

impl Db {
    /// Wraps a pool whose role has been examined.
    #[must_use]
    pub fn new(pool: PgPool, tenant_role: TenantRole) -> Self {
        Self { pool, tenant_role: Arc::new(OnceCell::new_with(Some(tenant_role))) }
    }

    /// Wraps a pool whose database may not be there yet; the role is examined at the first tenant transaction.
    #[must_use]
    pub fn lazy(pool: PgPool) -> Self {
        Self { pool, tenant_role: Arc::default() }
    }

    /// The pool itself, for what belongs to no tenant: the webhook journal and health checks.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Opens a transaction that sees the rows of `tenant` and no others.
    pub async fn tenant(&self, tenant: TenantId) -> Result<TenantTx, sqlx::Error> {
        let role = match self.tenant_role.get_or_try_init(|| TenantRole::detect(&self.pool)).await? {
            TenantRole::Switched => "SET LOCAL ROLE nexus_tenant; ",
            TenantRole::OwnRole => "",
        };
        // A UUID's text cannot carry SQL. One simple query: the switch costs no round trip of its own.
        let begin = format!("BEGIN; {role}SET LOCAL nexus.tenant_id = '{tenant}'");
        let tx = self.pool.begin_with(AssertSqlSafe(begin)).await?;
        Ok(TenantTx { tx, tenant })
    }

    /// Opens a transaction that sees every tenant. Only for routing, claiming and the record.
    pub async fn system(&self) -> Result<SystemTx, sqlx::Error> {
        let tx = self.pool.begin_with("BEGIN; SET LOCAL nexus.scope = 'system'").await?;
        Ok(SystemTx { tx })
    }
}

/// A transaction that can reach one tenant's rows. Dropping it rolls back.
#[derive(Debug)]
pub struct TenantTx {
    tx: Transaction<'static, Postgres>,
    tenant: TenantId,
}

impl TenantTx {
    /// Whose rows it reaches.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Makes the changes durable.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        self.tx.commit().await
    }
}

/// A transaction across tenants. Dropping it rolls back.
#[derive(Debug)]
pub struct SystemTx {
    tx: Transaction<'static, Postgres>,
}

impl SystemTx {
    /// Makes the changes durable.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        self.tx.commit().await
    }
}

macro_rules! deref_to_connection {
    ($($tx:ty),+) => {$(
        impl Deref for $tx {
            type Target = PgConnection;
            fn deref(&self) -> &PgConnection {
                &self.tx
            }
        }
        impl DerefMut for $tx {
            fn deref_mut(&mut self) -> &mut PgConnection {
                &mut self.tx
            }
        }
    )+};
}
deref_to_connection!(TenantTx, SystemTx);
