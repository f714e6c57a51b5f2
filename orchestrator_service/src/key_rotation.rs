//! Seals everything anew after `CREDENTIALS_KEY` was changed: the credentials of every tenant, and people's second factors.
//!
//! It goes through both tables in small batches, each its own transaction, and touches only what the current key does not
//! open. So it may be killed anywhere and run again, and services go on working meanwhile, as long as they have both keys.

use nexus_core::failpoint;
use nexus_core::ids::TenantId;
use nexus_core::tenancy::{Db, SystemTx};
use nexus_core::vault::{Sealed, Vault};
use uuid::Uuid;

use crate::auth::second_factor;

/// Rows that are locked at once; a service that wants to edit one of them waits for a few milliseconds.
const BATCH: i64 = 100;

/// What came of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotated {
    /// Sealed anew.
    pub resealed: u64,
    /// Sealed with the current key already.
    pub current: u64,
    /// Open with neither key: they must be entered again.
    pub unreadable: u64,
}

impl Rotated {
    fn add(&mut self, other: Self) {
        self.resealed += other.resealed;
        self.current += other.current;
        self.unreadable += other.unreadable;
    }
}

/// Both tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// Keys, tokens and passwords of tenants and their channels.
    pub credentials: Rotated,
    /// Second factors of people.
    pub second_factors: Rotated,
}

/// Seals everything anew that the current key does not open.
pub async fn rotate(db: &Db, vault: &Vault) -> Result<Report, sqlx::Error> {
    Ok(Report { credentials: credentials(db, vault).await?, second_factors: second_factors(db, vault).await? })
}

/// A row that is sealed, whatever table it stands in.
struct Row {
    /// Where the next batch begins after it.
    key: (Uuid, Uuid),
    /// Whose it is, as the vault knows it.
    owner: TenantId,
    kind: String,
    sealed: Vec<u8>,
}

async fn credentials(db: &Db, vault: &Vault) -> Result<Rotated, sqlx::Error> {
    let mut total = Rotated::default();
    let mut after = (Uuid::nil(), Uuid::nil());
    loop {
        let mut tx = db.system().await?;
        let found: Vec<(Uuid, Uuid, String, Vec<u8>)> = sqlx::query_as(
            "SELECT tenant_id, id, kind, sealed FROM credentials WHERE (tenant_id, id) > ($1, $2)
             ORDER BY tenant_id, id LIMIT $3 FOR UPDATE",
        )
        .bind(after.0)
        .bind(after.1)
        .bind(BATCH)
        .fetch_all(&mut *tx)
        .await?;
        let rows =
            found.into_iter().map(|(tenant, id, kind, sealed)| Row { key: (tenant, id), owner: TenantId(tenant), kind, sealed });
        let rows: Vec<Row> = rows.collect();
        let Some(last) = rows.last() else { return Ok(total) };
        after = last.key;
        let (counted, resealed) = reseal(vault, &rows);
        write_credentials(&mut tx, &resealed).await?;
        tx.commit().await?;
        total.add(counted);
        failpoint::reach("after_resealed_batch");
    }
}

async fn write_credentials(tx: &mut SystemTx, resealed: &[(&Row, Sealed)]) -> Result<(), sqlx::Error> {
    let tenants: Vec<Uuid> = resealed.iter().map(|(row, _)| row.key.0).collect();
    let ids: Vec<Uuid> = resealed.iter().map(|(row, _)| row.key.1).collect();
    let sealed: Vec<&[u8]> = resealed.iter().map(|(_, sealed)| sealed.bytes.as_slice()).collect();
    let keys: Vec<&str> = resealed.iter().map(|(_, sealed)| sealed.key_id.as_str()).collect();
    // Nobody edited them, so updated_at stays.
    sqlx::query(
        "UPDATE credentials c SET sealed = n.sealed, key_id = n.key_id
         FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::text[]) AS n (tenant_id, id, sealed, key_id)
         WHERE c.tenant_id = n.tenant_id AND c.id = n.id",
    )
    .bind(tenants)
    .bind(ids)
    .bind(sealed)
    .bind(keys)
    .execute(&mut **tx)
    .await
    .map(drop)
}

async fn second_factors(db: &Db, vault: &Vault) -> Result<Rotated, sqlx::Error> {
    let mut total = Rotated::default();
    let mut after = Uuid::nil();
    loop {
        let mut tx = db.system().await?;
        let found: Vec<(Uuid, Vec<u8>)> = sqlx::query_as(
            "SELECT id, totp_secret FROM users WHERE id > $1 AND totp_secret IS NOT NULL ORDER BY id LIMIT $2 FOR UPDATE",
        )
        .bind(after)
        .bind(BATCH)
        .fetch_all(&mut *tx)
        .await?;
        let kind = second_factor::SEALED_KIND;
        let rows =
            found.into_iter().map(|(id, sealed)| Row { key: (id, id), owner: TenantId(id), kind: kind.to_owned(), sealed });
        let rows: Vec<Row> = rows.collect();
        let Some(last) = rows.last() else { return Ok(total) };
        after = last.key.0;
        let (counted, resealed) = reseal(vault, &rows);
        let ids: Vec<Uuid> = resealed.iter().map(|(row, _)| row.key.0).collect();
        let sealed: Vec<&[u8]> = resealed.iter().map(|(_, sealed)| sealed.bytes.as_slice()).collect();
        sqlx::query(
            "UPDATE users u SET totp_secret = n.sealed FROM unnest($1::uuid[], $2::bytea[]) AS n (id, sealed) WHERE u.id = n.id",
        )
        .bind(ids)
        .bind(sealed)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        total.add(counted);
    }
}

/// What of a batch must be written, and how many of each sort it had.
fn reseal<'a>(vault: &Vault, rows: &'a [Row]) -> (Rotated, Vec<(&'a Row, Sealed)>) {
    let mut counted = Rotated::default();
    let mut resealed = Vec::new();
    for row in rows {
        match vault.reseal(row.owner, &row.kind, &row.sealed) {
            Ok(None) => counted.current += 1,
            Ok(Some(sealed)) => {
                counted.resealed += 1;
                resealed.push((row, sealed));
            }
            Err(_) => counted.unreadable += 1,
        }
    }
    (counted, resealed)
}
