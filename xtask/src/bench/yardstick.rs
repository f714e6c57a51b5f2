//! What Postgres itself can do on this machine in this run: single commits, and rows in large statements.

use std::time::{Duration, Instant};

use anyhow::Result;
use sqlx::PgPool;

use super::latency::Measured;

const BODY: &[u8] = &[b'x'; 700];

/// One row, one commit, one connection after the other waiting for its disk.
pub(crate) async fn single_commits(pool: &PgPool, duration: Duration) -> Result<Measured> {
    prepare(pool).await?;
    let mut connection = pool.acquire().await?;
    let (started, mut latencies) = (Instant::now(), Vec::new());
    while started.elapsed() < duration {
        let sent_at = Instant::now();
        sqlx::query("INSERT INTO bench_commits (event_id, body) VALUES ($1, $2)")
            .bind(uuid::Uuid::now_v7().to_string())
            .bind(BODY)
            .execute(&mut *connection)
            .await?;
        latencies.push(sent_at.elapsed());
    }
    Ok(Measured::new(latencies, started.elapsed()))
}

/// Single commits at a fixed rate, for the comparison of latencies under the same load.
pub(crate) async fn single_commits_at_rate(pool: &PgPool, per_second: u32, duration: Duration) -> Result<Measured> {
    prepare(pool).await?;
    let started = Instant::now();
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / per_second);
    let mut tasks = Vec::new();
    while started.elapsed() < duration {
        ticks.tick().await;
        let pool = pool.clone();
        tasks.push(tokio::spawn(async move {
            let sent_at = Instant::now();
            sqlx::query("INSERT INTO bench_commits (event_id, body) VALUES ($1, $2)")
                .bind(uuid::Uuid::now_v7().to_string())
                .bind(BODY)
                .execute(&pool)
                .await
                .map(|_| sent_at.elapsed())
        }));
    }
    let mut latencies = Vec::with_capacity(tasks.len());
    for task in tasks {
        latencies.push(task.await??);
    }
    Ok(Measured::new(latencies, started.elapsed()))
}

/// Rows per second in statements of 500, the most that batching can bring.
pub(crate) async fn unnest_rows_per_second(pool: &PgPool, duration: Duration) -> Result<f64> {
    prepare(pool).await?;
    let mut connection = pool.acquire().await?;
    let (started, mut rows) = (Instant::now(), 0u64);
    while started.elapsed() < duration {
        let ids: Vec<String> = (0..500).map(|_| uuid::Uuid::now_v7().to_string()).collect();
        let bodies: Vec<&[u8]> = vec![BODY; 500];
        rows += sqlx::query("INSERT INTO bench_commits (event_id, body) SELECT * FROM unnest($1::text[], $2::bytea[])")
            .bind(ids)
            .bind(bodies)
            .execute(&mut *connection)
            .await?
            .rows_affected();
    }
    Ok(rows as f64 / started.elapsed().as_secs_f64())
}

async fn prepare(pool: &PgPool) -> Result<()> {
    sqlx::raw_sql(
        "DROP TABLE IF EXISTS bench_commits;
         CREATE TABLE bench_commits (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id text UNIQUE, body bytea)",
    )
    .execute(pool)
    .await?;
    Ok(())
}
