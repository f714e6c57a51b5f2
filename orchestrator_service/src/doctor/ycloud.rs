//! YCloud: the installation's key, and the keys that channels have of their own. The balance is asked for, which any key
//! may and which sends nothing.

use nexus_core::env::Env;
use nexus_core::ids::{ChannelId, TenantId};
use nexus_core::tenancy::Db;
use nexus_core::vault::Vault;
use reqwest::{Client, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::PgPool;

use super::finding::{Finding, Kind};
use super::postgres::broken;
use super::report::Check;

const NAME: &str = "ycloud";
/// More keys than this are not tried in one run; YCloud counts these calls.
const MOST_CHANNELS: i64 = 50;

#[derive(sqlx::FromRow)]
struct Channel {
    tenant_id: TenantId,
    id: ChannelId,
    api_key: Option<Vec<u8>>,
    has_secret: bool,
}

/// Tries every key that is there.
pub(super) async fn check(env: &Env, http: &Client, pool: Option<&PgPool>) -> Vec<Check> {
    let channels = match pool {
        Some(pool) => match channels(pool).await {
            Ok(channels) => channels,
            Err(error) => return vec![broken(NAME, &error)],
        },
        None => Vec::new(),
    };
    let mut checks = Vec::new();
    match env.optional_secret("YCLOUD_API_KEY") {
        Some(key) => checks.push(try_key(env, http, NAME.to_owned(), "YCLOUD_API_KEY", &key).await),
        None if channels.iter().all(|channel| channel.api_key.is_some()) && !channels.is_empty() => {}
        None => checks.push(Check::found(NAME, Finding::plain(Kind::YcloudKeyMissing))),
    }
    let all_have_secrets = !channels.is_empty() && channels.iter().all(|channel| channel.has_secret);
    if env.optional("YCLOUD_WEBHOOK_SECRET").is_none() && !all_have_secrets {
        checks.push(Check::found("ycloud webhooks", Finding::plain(Kind::WebhookSecretMissing)));
    }
    let vault = vault(env);
    for channel in &channels {
        if let (Some(sealed), Some(vault)) = (&channel.api_key, &vault) {
            checks.push(of_channel(env, http, vault, channel, sealed).await);
        }
    }
    checks
}

fn vault(env: &Env) -> Option<Vault> {
    let vault = Vault::from_base64(&env.optional_secret("CREDENTIALS_KEY")?).ok()?;
    match env.optional_secret("CREDENTIALS_KEY_PREVIOUS") {
        Some(previous) => vault.with_previous(&previous).ok(),
        None => Some(vault),
    }
}

async fn of_channel(env: &Env, http: &Client, vault: &Vault, channel: &Channel, sealed: &[u8]) -> Check {
    let (name, whose) = (format!("{NAME} channel"), format!("channel {} of tenant {}", channel.id, channel.tenant_id));
    match vault.open(channel.tenant_id, "ycloud_api_key", sealed) {
        Ok(key) => try_key(env, http, name, &whose, &key).await,
        Err(_) => Check::found(name, Finding::about(Kind::CredentialClosed, [whose])),
    }
}

async fn try_key(env: &Env, http: &Client, name: String, whose: &str, key: &SecretString) -> Check {
    let base = env.optional("YCLOUD_API_URL").unwrap_or_else(|| "https://api.ycloud.com/v2".to_owned());
    let base = base.trim_end_matches('/');
    let Ok(answer) = http.get(format!("{base}/balance")).header("X-API-Key", key.expose_secret()).send().await else {
        return Check::found(name, Finding::about(Kind::YcloudUnreachable, [base]));
    };
    match answer.status() {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Check::found(name, Finding::about(Kind::YcloudRefusesKey, [whose])),
        status if !status.is_success() => Check::found(name, Finding::about(Kind::YcloudFails, [status.as_u16().to_string()])),
        _ => Check::well(name, whose),
    }
}

/// Across tenants: whether the installation's keys work is the operator's question.
async fn channels(pool: &PgPool) -> Result<Vec<Channel>, sqlx::Error> {
    let mut tx = Db::lazy(pool.clone()).system().await?;
    let is_migrated: bool = sqlx::query_scalar("SELECT to_regclass('credentials') IS NOT NULL").fetch_one(&mut *tx).await?;
    if !is_migrated {
        return Ok(Vec::new());
    }
    sqlx::query_as(
        "SELECT c.tenant_id, c.id,
                (SELECT k.sealed FROM credentials k
                 WHERE k.tenant_id = c.tenant_id AND k.channel_id = c.id AND k.kind = 'ycloud_api_key') AS api_key,
                EXISTS (SELECT FROM credentials k WHERE k.tenant_id = c.tenant_id AND k.channel_id = c.id
                        AND k.kind = 'ycloud_webhook_secret') AS has_secret
         FROM channels c WHERE c.provider = 'ycloud' ORDER BY c.tenant_id, c.id LIMIT $1",
    )
    .bind(MOST_CHANNELS)
    .fetch_all(&mut *tx)
    .await
}
