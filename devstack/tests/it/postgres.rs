//! A private Postgres under stop, crash and freeze.

use std::time::Duration;

use devstack::{Postgres, PostgresOptions, eventually};
use sqlx::{Connection, PgConnection, PgPool};

async fn notes(dsn: &str) -> Vec<String> {
    let mut connection = PgConnection::connect(dsn).await.unwrap();
    sqlx::query_scalar("SELECT text FROM note ORDER BY text").fetch_all(&mut connection).await.unwrap()
}

async fn note(dsn: &str, text: &str) {
    let mut connection = PgConnection::connect(dsn).await.unwrap();
    sqlx::query("CREATE TABLE IF NOT EXISTS note (text text)").execute(&mut connection).await.unwrap();
    sqlx::query("INSERT INTO note VALUES ($1)").bind(text).execute(&mut connection).await.unwrap();
}

#[tokio::test]
async fn committed_rows_survive_stop_and_crash_on_the_same_port() {
    let mut postgres = Postgres::start(PostgresOptions::default()).await.unwrap();
    let dsn = postgres.create_database("kept").await.unwrap();
    note(&dsn, "before stop").await;
    postgres.stop().await.unwrap();
    assert!(PgConnection::connect(&dsn).await.is_err());
    postgres.restart().await.unwrap();
    note(&dsn, "before crash").await;

    // A session that is in the middle of a statement must die with the server.
    let pool = PgPool::connect(&dsn).await.unwrap();
    let busy = tokio::spawn(async move { sqlx::query("SELECT pg_sleep(60)").execute(&pool).await });
    let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'";
    let mut watcher = PgConnection::connect(&dsn).await.unwrap();
    eventually(Duration::from_secs(5), "the busy session", async || {
        let count: i64 = sqlx::query_scalar(sleeping).fetch_one(&mut watcher).await?;
        Ok::<_, sqlx::Error>((count == 1).then_some(()))
    })
    .await
    .unwrap();
    postgres.kill().await;
    assert!(tokio::time::timeout(Duration::from_secs(5), busy).await.unwrap().unwrap().is_err());
    postgres.restart().await.unwrap();
    assert_eq!(notes(&dsn).await, ["before crash", "before stop"]);
}

#[tokio::test]
async fn it_is_durable_utf8_and_asks_for_a_password() {
    let postgres = Postgres::start(PostgresOptions::default()).await.unwrap();
    let mut connection = PgConnection::connect(&postgres.dsn("postgres")).await.unwrap();
    for (setting, value) in
        [("fsync", "on"), ("synchronous_commit", "on"), ("autovacuum_naptime", "10s"), ("server_encoding", "UTF8")]
    {
        let actual: String =
            sqlx::query_scalar("SELECT current_setting($1)").bind(setting).fetch_one(&mut connection).await.unwrap();
        assert_eq!(actual, value, "{setting}");
    }
    let folded: String = sqlx::query_scalar("SELECT upper('clínica')").fetch_one(&mut connection).await.unwrap();
    assert_eq!(folded, "CLÍNICA");
    let stranger = format!("postgres://nexus@127.0.0.1:{}/postgres", postgres.port());
    assert!(PgConnection::connect(&stranger).await.is_err());
    assert!(postgres.create_database("No such; name").await.is_err());
}

#[tokio::test]
async fn the_unix_socket_works() {
    let postgres = Postgres::start(PostgresOptions::default()).await.unwrap();
    let Some(socket) = postgres.socket_dir() else { return };
    let options: sqlx::postgres::PgConnectOptions = postgres.dsn("postgres").parse().unwrap();
    PgConnection::connect_with(&options.socket(socket)).await.unwrap();
}

#[tokio::test]
async fn a_frozen_server_answers_after_it_resumes() {
    let postgres = Postgres::start(PostgresOptions::default()).await.unwrap();
    let pool = PgPool::connect(&postgres.dsn("postgres")).await.unwrap();
    postgres.pause();
    let pending = tokio::time::timeout(Duration::from_millis(200), sqlx::query("SELECT 1").execute(&pool)).await;
    assert!(pending.is_err());
    postgres.resume();
    sqlx::query("SELECT 1").execute(&pool).await.unwrap();
}

#[tokio::test]
async fn a_dropped_server_leaves_nothing() {
    let postgres = Postgres::start(PostgresOptions::default()).await.unwrap();
    let (pid, log) = postgres.process().map(|p| (p.pid(), p.log_path().to_path_buf())).unwrap();
    assert!(log.exists());
    drop(postgres);
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    assert!(!log.parent().unwrap().exists());
}

#[tokio::test]
async fn kept_data_come_back_for_the_next_owner_and_only_one_at_a_time() {
    let dir = devstack::state_root().unwrap().join(format!("test-kept-{}", std::process::id()));
    let options = PostgresOptions { dir: Some(dir.clone()), ..PostgresOptions::default() };
    let mut first = Postgres::start(options.clone()).await.unwrap();
    let dsn = first.create_database("kept").await.unwrap();
    note(&dsn, "yours").await;
    let refused = Postgres::start(options.clone()).await.unwrap_err().to_string();
    assert!(refused.contains("in use by process"), "{refused}");
    first.stop().await.unwrap();
    drop(first);
    let second = Postgres::start(options).await.unwrap();
    assert_eq!(notes(&second.dsn("kept")).await, ["yours"]);
    drop(second);
    std::fs::remove_dir_all(dir).unwrap();
}
