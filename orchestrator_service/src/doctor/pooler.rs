//! Whether a pooler in transaction mode stands before Postgres, and whether our prepared statements survive it.
//!
//! A pooler does not say that it is one. It shows: two connections that are open at the same time are served by the same
//! server process, which never happens without one.

use nexus_core::env::Env;
use sqlx::{Connection as _, PgConnection, PgPool};

use super::finding::{Finding, Kind};
use super::postgres;
use super::report::Check;

const NAME: &str = "pooler";
/// A pooler under load may give two clients different processes; so often in a row, it is none.
const TRIES: usize = 12;

/// Looks for the pooler, then for its memory.
pub(super) async fn check(env: &Env, pool: &PgPool) -> Check {
    match is_shared(pool).await {
        Ok(false) => return Check::well(NAME, "none in transaction mode"),
        Ok(true) => {}
        // What it forgets may already show here.
        Err(error) if is_forgotten(&error) => return Check::found(NAME, Finding::plain(Kind::PoolerForgets)),
        Err(error) => return postgres::broken(NAME, &error),
    }
    match statements_survive(pool).await {
        Ok(()) if env.optional("POSTGRES_DIRECT_DSN").is_none() => Check::found(NAME, Finding::plain(Kind::PoolerWithoutDirect)),
        Ok(()) => Check::well(NAME, "transaction mode"),
        Err(error) if is_forgotten(&error) => Check::found(NAME, Finding::plain(Kind::PoolerForgets)),
        Err(error) => postgres::broken(NAME, &error),
    }
}

async fn is_shared(pool: &PgPool) -> Result<bool, sqlx::Error> {
    let (mut one, mut two) = (pool.acquire().await?, pool.acquire().await?);
    for _ in 0..TRIES {
        if unprepared_backend(&mut one).await? == unprepared_backend(&mut two).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Without a prepared statement, which is what is not known to work yet.
async fn unprepared_backend(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    use sqlx::Row as _;
    sqlx::raw_sql("SELECT pg_backend_pid()")
        .fetch_one(connection)
        .await?
        .try_get_unchecked::<String, _>(0)
        .and_then(|text| text.parse().map_err(|_| sqlx::Error::Protocol("pg_backend_pid() is not a number".to_owned())))
}

/// Prepares a statement, has somebody else take the server process it was prepared on, and uses it again.
async fn statements_survive(pool: &PgPool) -> Result<(), sqlx::Error> {
    let (mut one, mut two) = (pool.acquire().await?, pool.acquire().await?);
    let statement = "SELECT $1::integer";
    sqlx::query_scalar::<_, i32>(statement).bind(1).fetch_one(&mut *one).await?;
    let mut taken = two.begin().await?;
    sqlx::raw_sql("SELECT 1").execute(&mut *taken).await?;
    sqlx::query_scalar::<_, i32>(statement).bind(2).fetch_one(&mut *one).await?;
    taken.rollback().await
}

/// 26000: no such prepared statement; 42P05: there is one of that name, from another client.
fn is_forgotten(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| matches!(code.as_ref(), "26000" | "42P05" | "08P01"))
}
