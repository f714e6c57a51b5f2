//! A database of its own for each test.

use std::str::FromStr as _;

use secrecy::SecretString;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _};

/// A variable of the test run; a missing one fails the test, because a skipped test proves nothing.
pub fn required(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set; run the tests with: cargo xtask test"))
}

/// Makes an empty database and answers its DSN, which may lead through a pooler.
pub async fn fresh_database() -> SecretString {
    let dsn = required("NEXUS_TEST_POSTGRES");
    let name = format!("brain_{}", uuid::Uuid::now_v7().simple());
    as_administrator(&format!("CREATE DATABASE {name}")).await;
    SecretString::from(with_database(&dsn, &name))
}

/// Runs a statement on the server itself, past a pooler.
pub async fn as_administrator(sql: &str) {
    let dsn = std::env::var("NEXUS_TEST_POSTGRES_DIRECT").unwrap_or_else(|_| required("NEXUS_TEST_POSTGRES"));
    let options = PgConnectOptions::from_str(&dsn).unwrap();
    let mut connection = PgConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// The same server, another database.
fn with_database(dsn: &str, name: &str) -> String {
    let (address, query) = dsn.split_once('?').map_or((dsn, None), |(address, query)| (address, Some(query)));
    let (scheme, rest) = address.split_once("://").unwrap();
    let authority = rest.split('/').next().unwrap();
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{scheme}://{authority}/{name}{query}")
}
