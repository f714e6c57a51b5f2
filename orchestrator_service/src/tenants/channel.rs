//! Connects a channel of a tenant file and seals its secrets.

use nexus_core::ids::ChannelId;
use nexus_core::tenancy::TenantTx;
use nexus_core::vault::Vault;
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use super::apply::ApplyError;
use super::file::ChannelSpec;
use crate::channels::secrets::{self, Place, SecretKind};
use crate::channels::store::new_webhook_key;

/// Creates or changes the channel. Answers its id and its webhook key, which never changes.
pub(super) async fn connect(
    tx: &mut TenantTx,
    vault: &Vault,
    spec: &ChannelSpec,
    assistant: Uuid,
) -> Result<(ChannelId, String), ApplyError> {
    let Some((provider, number)) = spec.key() else {
        return Err(ApplyError::Mistakes(vec!["a channel has no readable provider and number".to_owned()]));
    };
    let tenant = tx.tenant();
    let (channel, webhook_key): (ChannelId, String) = sqlx::query_as(
        "INSERT INTO channels (tenant_id, id, provider, phone_number, display_name, webhook_key, assistant_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (provider, phone_number) WHERE disconnected_at IS NULL DO UPDATE
         SET display_name = excluded.display_name, assistant_id = excluded.assistant_id
         RETURNING id, webhook_key",
    )
    .bind(tenant)
    .bind(ChannelId::new())
    .bind(provider.as_str())
    .bind(number.as_str())
    .bind(&spec.display_name)
    .bind(new_webhook_key())
    .bind(assistant)
    .fetch_one(&mut **tx)
    .await?;
    let secrets = [
        (SecretKind::ApiKey, &spec.api_key),
        (SecretKind::WebhookSecret, &spec.webhook_secret),
        (SecretKind::PreviousWebhookSecret, &spec.previous_webhook_secret),
    ];
    for (kind, secret) in secrets {
        if let Some(secret) = secret.as_ref().filter(|secret| !secret.expose_secret().is_empty()) {
            secrets::put(tx, vault, Place { channel, provider, kind }, secret).await?;
        }
    }
    Ok((channel, webhook_key))
}
