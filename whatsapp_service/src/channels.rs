//! Every channel of the installation with its opened credentials, held in memory and refreshed every few seconds: the
//! accept path must not ask the database whom to believe, least of all for strangers.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use nexus_core::ids::{ChannelId, TenantId};
use nexus_core::phone::PhoneNumber;
use nexus_core::provider::Provider;
use nexus_core::tenancy::Db;
use nexus_core::vault::Vault;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

const REFRESH_EVERY: Duration = Duration::from_secs(3);

/// One WhatsApp number and how to speak for it.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub id: ChannelId,
    /// Through whom.
    pub provider: Provider,
    /// E.164.
    pub phone_number: String,
    /// The last segment of its own webhook URL.
    pub webhook_key: String,
    /// Its own webhook secrets, current and previous; empty when it uses the installation's.
    pub webhook_secrets: Vec<SecretString>,
    /// Its own API key, if it has one.
    pub api_key: Option<SecretString>,
    /// Whether the assistant's typing may mark messages as read.
    pub marks_read: bool,
}

/// All channels at one moment.
#[derive(Debug, Default)]
pub struct Directory {
    by_number: HashMap<(Provider, String), Arc<Channel>>,
    by_key: HashMap<String, Arc<Channel>>,
    by_id: HashMap<ChannelId, Arc<Channel>>,
    has_own_secrets: bool,
}

impl Directory {
    /// Whether any channel has a webhook secret of its own.
    #[must_use]
    pub fn has_own_secrets(&self) -> bool {
        self.has_own_secrets
    }

    /// The channel of a business number, however the provider spells it.
    #[must_use]
    pub fn by_number(&self, provider: Provider, number: &str) -> Option<&Arc<Channel>> {
        let number = PhoneNumber::parse(number)?.matching_key();
        self.by_number.get(&(provider, number))
    }

    /// The channel of a webhook URL.
    #[must_use]
    pub fn by_key(&self, key: &str) -> Option<&Arc<Channel>> {
        self.by_key.get(key)
    }

    /// The channel itself.
    #[must_use]
    pub fn by_id(&self, id: ChannelId) -> Option<&Arc<Channel>> {
        self.by_id.get(&id)
    }

    /// The only channel of the installation, if there is just one.
    #[must_use]
    pub fn single(&self) -> Option<&Arc<Channel>> {
        self.by_id.values().next().filter(|_| self.by_id.len() == 1)
    }
}

/// The shared, self-refreshing directory.
#[derive(Clone)]
pub struct Channels {
    current: Arc<RwLock<Arc<Directory>>>,
    db: Db,
    vault: Vault,
}

#[derive(sqlx::FromRow)]
struct Row {
    tenant_id: TenantId,
    id: ChannelId,
    provider: String,
    phone_number: String,
    webhook_key: String,
    marks_read: bool,
    kind: Option<String>,
    sealed: Option<Vec<u8>>,
}

impl Channels {
    /// An empty directory; [`Channels::keep_fresh`] fills it.
    #[must_use]
    pub fn new(db: Db, vault: Vault) -> Self {
        Self { current: Arc::default(), db, vault }
    }

    /// The newest directory.
    #[must_use]
    pub fn current(&self) -> Arc<Directory> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads all channels again.
    pub async fn refresh(&self) -> Result<(), sqlx::Error> {
        let mut tx = self.db.system().await?;
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT c.tenant_id, c.id, c.provider, c.phone_number, c.webhook_key, c.marks_read, k.kind, k.sealed
             FROM channels c LEFT JOIN credentials k ON k.tenant_id = c.tenant_id AND k.channel_id = c.id
             WHERE c.disconnected_at IS NULL
             ORDER BY c.tenant_id, c.id, k.kind",
        )
        .fetch_all(&mut *tx)
        .await?;
        drop(tx);
        let directory = Arc::new(self.directory(rows));
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = directory;
        Ok(())
    }

    fn directory(&self, rows: Vec<Row>) -> Directory {
        let mut channels: HashMap<ChannelId, Channel> = HashMap::new();
        for row in rows {
            let Some(provider) = Provider::parse(&row.provider) else { continue };
            let channel = channels.entry(row.id).or_insert_with(|| Channel {
                tenant: row.tenant_id,
                id: row.id,
                provider,
                phone_number: row.phone_number.clone(),
                webhook_key: row.webhook_key.clone(),
                webhook_secrets: Vec::new(),
                api_key: None,
                marks_read: row.marks_read,
            });
            if let (Some(kind), Some(sealed)) = (row.kind, row.sealed) {
                self.open_credential(channel, &kind, &sealed);
            }
        }
        let mut directory = Directory::default();
        for channel in channels.into_values().map(Arc::new) {
            let number = PhoneNumber::parse(&channel.phone_number).map_or_else(String::new, |number| number.matching_key());
            directory.has_own_secrets |= !channel.webhook_secrets.is_empty();
            directory.by_number.insert((channel.provider, number), Arc::clone(&channel));
            directory.by_key.insert(channel.webhook_key.clone(), Arc::clone(&channel));
            directory.by_id.insert(channel.id, channel);
        }
        directory
    }

    /// A webhook secret that does not open leaves an empty list entry's place taken by nothing: the channel must not
    /// fall back to the installation's secret, so an unguessable one stands in.
    fn open_credential(&self, channel: &mut Channel, kind: &str, sealed: &[u8]) {
        let opened = self.vault.open(channel.tenant, kind, sealed);
        if opened.is_err() {
            tracing::error!(channel_id = %channel.id, kind, "a credential does not open; was CREDENTIALS_KEY changed?");
        }
        match (kind, opened) {
            ("ycloud_webhook_secret" | "ycloud_webhook_secret_previous", secret) => {
                channel.webhook_secrets.push(secret.unwrap_or_else(|_| SecretString::from(uuid::Uuid::new_v4().to_string())));
            }
            ("ycloud_api_key", Ok(key)) => channel.api_key = Some(key),
            _ => {}
        }
    }

    /// Refreshes until shutdown.
    pub async fn keep_fresh(self, shutdown: CancellationToken) {
        loop {
            if let Err(error) = self.refresh().await {
                tracing::debug!(%error, "the channels could not be read again; the last known ones stay");
            }
            tokio::select! {
                () = tokio::time::sleep(REFRESH_EVERY) => {}
                () = shutdown.cancelled() => return,
            }
        }
    }
}
