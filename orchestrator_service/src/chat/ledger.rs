//! Remembers which event was answered with what. The insert decides, not a read before it.

use std::time::Duration;

use nexus_core::ids::{LeaseToken, TenantId};
use nexus_core::provider::Provider;
use nexus_core::tenancy::Db;
use serde_json::Value;

use super::answer::ChatAnswer;

/// How long a caller is told "processing" after the worker of its event has died. Renewed at a third.
pub(super) const LEASE: Duration = Duration::from_secs(30);

/// An event of a tenant.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) tenant: TenantId,
    pub(super) provider: Provider,
    pub(super) id: String,
}

/// What the ledger says about an event.
#[derive(Clone, Debug)]
pub enum Entry {
    /// It is ours to answer.
    Ours(LeaseToken),
    /// Somebody is answering it.
    Running,
    /// It was answered.
    Answered(ChatAnswer),
}

/// Enters the event, or says who was faster. A run whose lease is over is taken over.
pub async fn enter(db: &Db, tenant: TenantId, provider: Provider, event_id: &str) -> Result<Entry, sqlx::Error> {
    let mut tx = db.tenant(tenant).await?;
    let ours: Option<LeaseToken> = sqlx::query_scalar(
        "INSERT INTO chat_requests (tenant_id, provider, event_id, state, leased_until, lease_token)
         VALUES ($1, $2, $3, 'running', now() + $4, gen_random_uuid())
         ON CONFLICT (tenant_id, provider, event_id) DO UPDATE
         SET leased_until = excluded.leased_until, lease_token = excluded.lease_token
         WHERE chat_requests.state = 'running' AND chat_requests.leased_until <= now()
         RETURNING lease_token",
    )
    .bind(tenant)
    .bind(provider.as_str())
    .bind(event_id)
    .bind(LEASE)
    .fetch_optional(&mut *tx)
    .await?;
    let entry = match ours {
        Some(lease_token) => Entry::Ours(lease_token),
        None => {
            let response: Option<Value> = sqlx::query_scalar(
                "SELECT response FROM chat_requests WHERE tenant_id = $1 AND provider = $2 AND event_id = $3 AND state = 'answered'",
            )
            .bind(tenant)
            .bind(provider.as_str())
            .bind(event_id)
            .fetch_optional(&mut *tx)
            .await?;
            let answer = response.and_then(|response| serde_json::from_value(response).ok());
            answer.map_or(Entry::Running, Entry::Answered)
        }
    };
    tx.commit().await?;
    Ok(entry)
}

impl Event {
    /// Keeps the event ours for another lease.
    pub(super) async fn renew(&self, db: &Db, lease_token: LeaseToken) -> Result<(), sqlx::Error> {
        let mut tx = db.tenant(self.tenant).await?;
        sqlx::query(
            "UPDATE chat_requests SET leased_until = now() + $5
             WHERE tenant_id = $1 AND provider = $2 AND event_id = $3 AND lease_token = $4 AND state = 'running'",
        )
        .bind(self.tenant)
        .bind(self.provider.as_str())
        .bind(&self.id)
        .bind(lease_token)
        .bind(LEASE)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    /// Keeps the answer for the next call with this event. `false` when somebody else has taken the event over.
    pub(super) async fn store(
        &self,
        conn: &mut sqlx::PgConnection,
        lease_token: LeaseToken,
        answer: &ChatAnswer,
    ) -> Result<bool, sqlx::Error> {
        let stored = sqlx::query(
            "UPDATE chat_requests SET state = 'answered', response = $5
             WHERE tenant_id = $1 AND provider = $2 AND event_id = $3 AND lease_token = $4 AND state = 'running'",
        )
        .bind(self.tenant)
        .bind(self.provider.as_str())
        .bind(&self.id)
        .bind(lease_token)
        .bind(answer.to_json())
        .execute(conn)
        .await?;
        Ok(stored.rows_affected() == 1)
    }

    /// Forgets a failed run, so that the caller's retry is answered.
    pub(super) async fn release(&self, db: &Db, lease_token: LeaseToken) -> Result<(), sqlx::Error> {
        let mut tx = db.tenant(self.tenant).await?;
        sqlx::query(
            "DELETE FROM chat_requests
             WHERE tenant_id = $1 AND provider = $2 AND event_id = $3 AND lease_token = $4 AND state = 'running'",
        )
        .bind(self.tenant)
        .bind(self.provider.as_str())
        .bind(&self.id)
        .bind(lease_token)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }
}
