//! A migrated database with one tenant, and the brain that works on it.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use nexus_core::env::Env;
use nexus_core::ids::{ChannelId, ConversationId, TenantId};
use nexus_core::lifecycle;
use nexus_core::phone::PhoneNumber;
use nexus_core::seam::identity::Identifiers;
use nexus_core::seam::inbox::{self, Arrival, Origin};
use nexus_core::vault::Vault;
use nexus_core::wake::Redis;
use orchestrator_service::config::Config;
use orchestrator_service::handoff::Mailer;
use orchestrator_service::live::{Hub, Pace};
use orchestrator_service::model::Model;
use orchestrator_service::startup;
use orchestrator_service::state::Brain;
use orchestrator_service::tenants::{TenantSpec, apply};
use orchestrator_service::tools::Registry;
use orchestrator_service::turns::{ClaimedTurn, claim};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{FakeModel, postgres};

pub const CUSTOMER: &str = "+5493815550142";
pub const BUSINESS: &str = "+5493815550100";
pub const TOKEN: &str = "internal-token-of-the-tests";
pub const LEASE: Duration = Duration::from_secs(60);

pub struct World {
    pub brain: Arc<Brain>,
    pub config: Config,
    pub vault: Vault,
    pub model: FakeModel,
    pub tenant: TenantId,
    pub channel: ChannelId,
}

impl World {
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// A world whose environment has more in it.
    pub async fn with(more: &[(&str, &str)]) -> Self {
        Self::with_pace(more, Pace::default()).await
    }

    /// The same, with listeners treated differently.
    pub async fn with_pace(more: &[(&str, &str)], pace: Pace) -> Self {
        lifecycle::install_crypto_provider();
        let model = FakeModel::start().await;
        let dsn = postgres::fresh_database().await;
        let config = config(&dsn, &model, more);
        let vault = Vault::from_base64(&config.credentials_key).unwrap();
        let db = startup::prepare(&config.stores, startup::pool(&config.stores).unwrap()).await.unwrap();
        let redis = Redis::new(config.stores.redis.expose_secret()).unwrap();
        let live = Hub::new(config.stores.redis.expose_secret(), redis.clone(), CancellationToken::new()).unwrap().at_pace(pace);
        tokio::spawn(live.clone().run());
        let brain = Brain {
            db,
            vault: vault.clone(),
            redis,
            live,
            model: Model::new(&config.model).unwrap(),
            tools: Registry::new(),
            mailer: config.mail.as_ref().map(|mail| Mailer::new(mail).unwrap()),
            outside: config.outside.clone(),
            platform_url: config.platform_url.clone(),
            turns: config.turns,
            job_retry_scale: config.job_retry_scale,
            tasks: TaskTracker::new(),
        };
        let (tenant, channel) = add_tenant(&brain, &vault, BUSINESS).await;
        Self { brain: Arc::new(brain), config, vault, model, tenant, channel }
    }

    pub async fn add_tenant(&self, number: &str) -> (TenantId, ChannelId) {
        add_tenant(&self.brain, &self.vault, number).await
    }

    /// The customer writes.
    pub async fn receive(&self, text: &str) -> ConversationId {
        self.receive_from(self.tenant, self.channel, CUSTOMER, Origin::Contact, text).await
    }

    /// A person of the business writes from the phone.
    pub async fn answer_by_phone(&self, text: &str) -> ConversationId {
        self.receive_from(self.tenant, self.channel, CUSTOMER, Origin::Phone, text).await
    }

    pub async fn receive_from(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        who: &str,
        origin: Origin,
        text: &str,
    ) -> ConversationId {
        let arrival = arrival(tenant, channel, who, origin, text, Utc::now());
        let mut tx = self.brain.db.tenant(tenant).await.unwrap();
        let recorded = inbox::record(&mut tx, &[arrival], self.brain.burst_defaults()).await.unwrap();
        tx.commit().await.unwrap();
        recorded.new[0].1
    }

    /// Claims the one turn that is due.
    pub async fn claim_one(&self) -> ClaimedTurn {
        let mut claimed = claim(&self.brain.db, 16, LEASE).await.unwrap();
        assert_eq!(claimed.len(), 1, "exactly one turn was to be due");
        claimed.remove(0)
    }

    /// Makes a running turn look as if its worker had died.
    pub async fn expire_leases(&self) {
        sqlx::query("UPDATE turns SET due_at = now() - interval '1 second' WHERE state = 'running'")
            .execute(self.brain.db.pool())
            .await
            .unwrap();
    }

    /// A column of the only row, as a superuser sees it.
    pub async fn one<T>(&self, sql: &'static str) -> T
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
    {
        sqlx::query_scalar(sql).fetch_one(self.brain.db.pool()).await.unwrap()
    }

    pub async fn all<T>(&self, sql: &'static str) -> Vec<T>
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
    {
        sqlx::query_scalar(sql).fetch_all(self.brain.db.pool()).await.unwrap()
    }

    pub async fn run(&self, sql: &'static str) {
        sqlx::query(sql).execute(self.brain.db.pool()).await.unwrap();
    }

    /// What the assistant said, in order.
    pub async fn said(&self) -> Vec<String> {
        self.all("SELECT body FROM chat_messages WHERE author = 'assistant' ORDER BY sent_at, id").await
    }
}

pub fn config(dsn: &SecretString, model: &FakeModel, more: &[(&str, &str)]) -> Config {
    let redis = postgres::required("NEXUS_TEST_REDIS");
    let pairs = [
        ("PORT", "0"),
        ("POSTGRES_DSN", dsn.expose_secret()),
        ("REDIS_URL", redis.as_str()),
        ("INTERNAL_API_TOKEN", TOKEN),
        ("ADMIN_TOKEN", "admin-token-of-the-tests"),
        ("CREDENTIALS_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("OPENAI_API_KEY", "sk-test"),
        ("OPENAI_BASE_URL", model.base_url.as_str()),
        ("PLATFORM_URL", "https://nexus.example.com/"),
    ];
    Config::read(Env::from_pairs(pairs.iter().chain(more).copied())).unwrap()
}

async fn add_tenant(brain: &Brain, vault: &Vault, number: &str) -> (TenantId, ChannelId) {
    let spec: TenantSpec = serde_json::from_value(tenant_file(number)).unwrap();
    let applied = apply(&brain.db, vault, &brain.tools, &spec).await.unwrap();
    (applied.tenant_id, applied.channels[0].channel_id)
}

/// A tenant file whose turns are due at once.
pub fn tenant_file(number: &str) -> Value {
    json!({
        "name": "Clínica Demo", "language": "es", "time_zone": "America/Argentina/Buenos_Aires",
        "business_hours": { "mon": [["09:00", "18:00"]] }, "handoff_emails": ["uno@example.com", "dos@example.com"],
        "burst_window_ms": 0, "burst_ceiling_ms": 0,
        "assistant": { "persona": "Sos Lola.", "tools": ["business_hours", "request_handoff"] },
        "channels": [{ "provider": "ycloud", "phone_number": number, "api_key": "key-1234567890", "webhook_secret": "whsec-123456789" }]
    })
}

pub fn arrival(tenant: TenantId, channel: ChannelId, who: &str, origin: Origin, text: &str, sent_at: DateTime<Utc>) -> Arrival {
    let id = uuid::Uuid::now_v7().to_string();
    Arrival {
        tenant,
        channel,
        origin,
        contact: Identifiers::of_phone(PhoneNumber::parse(who).unwrap()),
        name: Some("Ana".to_owned()),
        provider_message_id: format!("wamid.{id}"),
        provider_ref: Some(id),
        reply_to: None,
        kind: "text".to_owned(),
        body: text.to_owned(),
        content: json!({ "body": text }),
        sent_at: sent_at - TimeDelta::milliseconds(1),
    }
}
