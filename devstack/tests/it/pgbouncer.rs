//! The pooler before a server: clients share its connections, and prepared statements go on working.

use devstack::{PgBouncer, Postgres, PostgresOptions};
use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};

async fn connect(dsn: &str) -> PgConnection {
    let options: PgConnectOptions = dsn.parse().unwrap();
    PgConnection::connect_with(&options.extra_float_digits(None)).await.unwrap()
}

async fn backend(connection: &mut PgConnection) -> i32 {
    sqlx::query_scalar("SELECT pg_backend_pid() WHERE $1").bind(true).fetch_one(connection).await.unwrap()
}

#[tokio::test]
async fn clients_take_turns_on_one_connection_and_keep_their_statements() {
    let server = Postgres::start(PostgresOptions::default()).await.unwrap();
    server.create_database("shared").await.unwrap();
    let pooler = PgBouncer::start(&server.dsn("postgres")).await.unwrap();
    let (mut one, mut two) = (connect(&pooler.dsn("shared")).await, connect(&pooler.dsn("shared")).await);
    let first = backend(&mut one).await;
    assert_eq!(backend(&mut two).await, first, "transaction mode: the connection was free again");

    // While one client holds the connection the other gets a second one, and its statement follows it there.
    let mut held = one.begin().await.unwrap();
    sqlx::query("SELECT set_config('nexus.scope', 'held', true)").execute(&mut *held).await.unwrap();
    assert_ne!(backend(&mut two).await, backend(&mut held).await);
    held.rollback().await.unwrap();
    let left: Option<String> =
        sqlx::query_scalar("SELECT current_setting('nexus.scope', true)").fetch_one(&mut two).await.unwrap();
    assert_eq!(left.unwrap_or_default(), "", "a setting of one transaction is not seen by the next");
}
