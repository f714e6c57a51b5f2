//! Everything that is stored about a tenant, one JSON object a line: `{"table": …, "row": {…}}`.
//!
//! The tables are those under row-level security, so a new one takes part by itself. What is secret stays: sealed
//! credentials, hashes of keys, the addresses of webhooks. So does what is made from other rows: the words of the search.

use std::io::Write;

use futures_util::TryStreamExt as _;
use nexus_core::tenancy::TenantTx;
use serde_json::Value;
use sqlx::AssertSqlSafe;

const SECRET_COLUMNS: [&str; 3] = ["sealed", "token_hash", "webhook_key"];
const DERIVED_TABLES: [&str; 2] = ["contact_terms", "conversation_terms"];

/// Why an export stopped.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The database refused or did not answer.
    #[error("could not read the tenant")]
    Database(#[from] sqlx::Error),
    /// The file could not be written.
    #[error("could not write the export")]
    Write(#[from] std::io::Error),
}

/// Writes all of it as it is at one moment, and answers how many rows that were.
pub async fn export(tx: &mut TenantTx, to: &mut impl Write) -> Result<u64, ExportError> {
    sqlx::raw_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").execute(&mut **tx).await?;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT c.oid::regclass::text FROM pg_class c
         WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND c.relforcerowsecurity
           AND c.relname <> ALL ($1) ORDER BY 1",
    )
    .bind(DERIVED_TABLES.as_slice())
    .fetch_all(&mut **tx)
    .await?;
    let mut count = 0;
    for table in tables {
        // The name comes from the catalogue, quoted where it must be. Row-level security leaves this tenant's rows.
        let select = format!("SELECT to_jsonb(t) - $1::text[] FROM {table} AS t");
        let mut rows = sqlx::query_scalar::<_, Value>(AssertSqlSafe(select)).bind(SECRET_COLUMNS.as_slice()).fetch(&mut **tx);
        while let Some(row) = rows.try_next().await? {
            let line = serde_json::json!({ "table": table, "row": row });
            writeln!(to, "{line}")?;
            count += 1;
        }
    }
    to.flush()?;
    Ok(count)
}
