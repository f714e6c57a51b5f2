//! The database: reachable, new enough, with the rights and the schema this build needs.

use nexus_core::db::{self, MIGRATOR};
use nexus_core::env::Env;
use nexus_core::tenancy::{TenantRole, TenantRoleError};
use secrecy::SecretString;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, PgConnection, PgPool, Row as _};

use super::finding::{Finding, Kind};
use super::report::Check;
use super::within;

const NAME: &str = "postgres";
const DSN: &str = "POSTGRES_DSN";
/// What the migrations use, from the first that needs one on.
const EXTENSIONS: [&str; 3] = ["btree_gist", "pg_trgm", "unaccent"];
const OLDEST_VERSION: i32 = 15;
/// One brain, its migrations, and one edge.
const CONNECTIONS: i64 = 24 + 4 + 18;

/// What the checks found, and the pool if there is a database behind it.
pub(super) struct Examined {
    pub(super) checks: Vec<Check>,
    pub(super) pool: Option<PgPool>,
}

/// Connects, and looks at everything that can be looked at.
pub(super) async fn examine(env: &Env) -> Examined {
    let Some(dsn) = env.optional_secret(DSN) else {
        // Reported with the variables.
        return Examined { checks: vec![Check::found(NAME, not_set())], pool: None };
    };
    let pool = match connect(&dsn, DSN).await {
        Ok(pool) => pool,
        Err(finding) => return Examined { checks: vec![Check::found(NAME, finding)], pool: None },
    };
    let mut checks = vec![server(&pool).await];
    checks.push(rights(&pool).await);
    checks.push(tenants_apart(&pool).await);
    checks.extend(extensions(&pool).await);
    checks.push(schema(&pool).await);
    checks.extend(direct(env).await);
    Examined { checks, pool: Some(pool) }
}

fn not_set() -> Finding {
    Finding::about(Kind::NotReached, [format!("{DSN} is not set")])
}

/// Connects once, and says in one finding why that did not work.
pub(super) async fn connect(dsn: &SecretString, variable: &str) -> Result<PgPool, Finding> {
    let options = db::connect_options(dsn).map_err(|_| Finding::about(Kind::PostgresDsn, [variable]))?;
    // Not through the pool: it goes on trying where nobody answers.
    match tokio::time::timeout(within::STEP, PgConnection::connect_with(&options)).await {
        Ok(Ok(connection)) => drop(connection.close().await),
        Ok(Err(error)) => return Err(refusal(&error, &options, variable)),
        Err(_) => return Err(nobody_answers(&options, variable)),
    }
    Ok(PgPoolOptions::new().max_connections(4).acquire_timeout(within::STEP).connect_lazy_with(options))
}

fn refusal(error: &sqlx::Error, options: &PgConnectOptions, variable: &str) -> Finding {
    let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default();
    match code.as_ref() {
        "28P01" | "28000" => Finding::about(Kind::PostgresRefusesLogin, [variable]),
        "3D000" => Finding::about(Kind::PostgresNoDatabase, [variable]),
        // PgBouncer answers for a server or a database that is not there.
        "08P01" if error.to_string().contains("database") => Finding::about(Kind::PostgresNoDatabase, [variable]),
        _ => nobody_answers(options, variable),
    }
}

fn nobody_answers(options: &PgConnectOptions, variable: &str) -> Finding {
    let address = format!("{}:{}", options.get_host(), options.get_port());
    Finding::about(Kind::PostgresUnreachable, [address, variable.to_owned()])
}

/// A query that failed although the connection stood.
pub(super) fn broken(name: &str, error: &sqlx::Error) -> Check {
    let detail =
        error.as_database_error().map_or_else(|| "postgres does not answer".to_owned(), |error| error.message().to_owned());
    Check::found(name, Finding::about(Kind::NotReached, [detail]))
}

async fn server(pool: &PgPool) -> Check {
    let asked = sqlx::query(
        "SELECT current_setting('server_version') AS version, current_setting('server_version_num')::integer / 10000 AS major,
                current_setting('synchronous_commit') AS synchronous_commit,
                current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint AS connections",
    )
    .fetch_one(pool)
    .await;
    let row = match asked {
        Ok(row) => row,
        Err(error) => return broken(NAME, &error),
    };
    let (version, major, connections): (String, i32, i64) = (row.get("version"), row.get("major"), row.get("connections"));
    if major < OLDEST_VERSION {
        return Check::found(NAME, Finding::about(Kind::PostgresTooOld, [version]));
    }
    if row.get::<String, _>("synchronous_commit") == "off" {
        return Check::found(NAME, Finding::plain(Kind::PostgresNotDurable));
    }
    if connections < CONNECTIONS {
        let facts = [connections.to_string(), CONNECTIONS.to_string()];
        return Check::found(NAME, Finding::about(Kind::PostgresFewConnections, facts));
    }
    Check::well(NAME, version)
}

async fn rights(pool: &PgPool) -> Check {
    const NAME: &str = "postgres rights";
    let asked = sqlx::query_scalar::<_, bool>(
        "SELECT current_schema() IS NOT NULL AND has_schema_privilege(current_schema(), 'CREATE')
                AND (to_regclass('_sqlx_migrations') IS NULL
                     OR pg_has_role((SELECT relowner FROM pg_class WHERE oid = to_regclass('_sqlx_migrations')), 'USAGE'))",
    );
    match asked.fetch_one(pool).await {
        Ok(true) => Check::well(NAME, ""),
        Ok(false) => Check::found(NAME, Finding::about(Kind::PostgresNoPrivilege, [DSN])),
        Err(error) => broken(NAME, &error),
    }
}

async fn tenants_apart(pool: &PgPool) -> Check {
    const NAME: &str = "tenants apart";
    // A user who may make the role will do so at the first start.
    let may_make_it = sqlx::query_scalar::<_, bool>(
        "SELECT rolsuper OR (rolcreaterole AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'nexus_tenant'))
                                       FROM pg_roles WHERE rolname = current_user",
    )
    .fetch_one(pool)
    .await;
    match TenantRole::detect(pool).await {
        Ok(TenantRole::Switched) => Check::well(NAME, "nexus_tenant"),
        Ok(TenantRole::OwnRole) => Check::well(NAME, "row-level security"),
        Err(TenantRoleError::Bypasses) if may_make_it.unwrap_or(false) => Check::well(NAME, "nexus_tenant"),
        Err(TenantRoleError::Bypasses) => Check::found(NAME, Finding::plain(Kind::PostgresBypasses)),
        Err(TenantRoleError::Database(error)) => broken(NAME, &error),
    }
}

async fn extensions(pool: &PgPool) -> Vec<Check> {
    let asked = sqlx::query_as::<_, (String, bool, bool)>(
        "SELECT wanted.name,
                EXISTS (SELECT FROM pg_available_extensions a WHERE a.name = wanted.name),
                EXISTS (SELECT FROM pg_extension e WHERE e.extname = wanted.name)
                OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
                OR (has_database_privilege(current_database(), 'CREATE')
                    AND EXISTS (SELECT FROM pg_available_extension_versions v WHERE v.name = wanted.name AND v.trusted))
         FROM unnest($1::text[]) AS wanted (name)",
    );
    let found = match asked.bind(EXTENSIONS.as_slice()).fetch_all(pool).await {
        Ok(found) => found,
        Err(error) => return vec![broken("extensions", &error)],
    };
    let of = |(name, is_there, is_allowed): (String, bool, bool)| {
        let check = format!("extension {name}");
        match (is_there, is_allowed) {
            (true, true) => Check::well(check, ""),
            (true, false) => Check::found(check, Finding::about(Kind::ExtensionForbidden, [name])),
            (false, _) => Check::found(check, Finding::about(Kind::ExtensionMissing, [name])),
        }
    };
    found.into_iter().map(of).collect()
}

async fn schema(pool: &PgPool) -> Check {
    const NAME: &str = "schema";
    let required = db::required_schema_version();
    let version = match db::schema_version(pool).await {
        Ok(Some(version)) => version,
        Ok(None) => return Check::found(NAME, Finding::plain(Kind::SchemaEmpty)),
        Err(error) => return broken(NAME, &error),
    };
    match drift(pool).await {
        Ok(Some(changed)) => return Check::found(NAME, Finding::about(Kind::SchemaDrift, [changed.to_string()])),
        Ok(None) => {}
        Err(error) => return broken(NAME, &error),
    }
    let facts = [version.to_string(), required.to_string()];
    match version.cmp(&required) {
        std::cmp::Ordering::Less => Check::found(NAME, Finding::about(Kind::SchemaOlder, facts)),
        std::cmp::Ordering::Equal => Check::well(NAME, version.to_string()),
        std::cmp::Ordering::Greater => Check::found(NAME, Finding::about(Kind::SchemaNewer, facts)),
    }
}

/// The first applied migration whose text is not the one of this build.
async fn drift(pool: &PgPool) -> Result<Option<i64>, sqlx::Error> {
    let applied: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT version, checksum FROM _sqlx_migrations ORDER BY version").fetch_all(pool).await?;
    let of_build = |version| MIGRATOR.iter().find(|migration| migration.version == version);
    let differs = |(version, checksum): &(i64, Vec<u8>)| of_build(*version).is_some_and(|ours| *ours.checksum != **checksum);
    Ok(applied.iter().find(|applied| differs(applied)).map(|(version, _)| *version))
}

async fn direct(env: &Env) -> Option<Check> {
    const NAME: &str = "postgres direct";
    let dsn = env.optional_secret("POSTGRES_DIRECT_DSN")?;
    Some(match connect(&dsn, "POSTGRES_DIRECT_DSN").await {
        Ok(pool) => {
            pool.close().await;
            Check::well(NAME, "")
        }
        Err(finding) => Check::found(NAME, finding),
    })
}
