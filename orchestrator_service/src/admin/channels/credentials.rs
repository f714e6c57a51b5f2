//! Replacing the secrets of a channel by others that somebody made at the provider.

use nexus_core::provider::Provider;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::ChannelPath;
use super::connect::check_key;
use super::outside::{expect_ycloud, found, number, place, record};
use super::view::ChannelView;
use crate::admin::api_error::{ApiError, FieldCode};
use crate::admin::etag::Versioned;
use crate::admin::extract::{FieldErrors, Json, Path, Validate};
use crate::admin::guard::Awake;
use crate::admin::language::Reads;
use crate::auth::TenantCaller;
use crate::channels::secrets::{self, SecretKind};
use crate::channels::store;

/// New secrets; at least one of them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CredentialFields {
    /// A new API key of YCloud. It must have the channel's number.
    #[schema(value_type = Option<String>, format = Password, min_length = 1, pattern = r"\S")]
    api_key: Option<SecretString>,
    /// A new secret of the webhook, with its `whsec_`. The one before stays good for events on their way.
    #[schema(value_type = Option<String>, format = Password, min_length = 1, pattern = r"\S")]
    webhook_secret: Option<SecretString>,
}

impl Validate for CredentialFields {
    fn validate(&self, found: &mut FieldErrors) {
        for (field, secret) in [("api_key", &self.api_key), ("webhook_secret", &self.webhook_secret)] {
            if let Some(secret) = secret {
                check_key(found, field, secret);
            }
        }
        let is_something = self.api_key.is_some() || self.webhook_secret.is_some();
        found.expect(is_something, "api_key", FieldCode::Missing, "must be there, or webhook_secret, or both");
    }
}

/// Replace the key or the webhook secret of a channel
#[utoipa::path(put, path = "/tenants/{tenant_id}/channels/{channel_id}/credentials", tag = "channels",
    operation_id = "channels_replace_credentials", params(("channel_id" = uuid::Uuid, Path)), request_body = CredentialFields,
    responses((status = 200, body = ChannelView, headers(("ETag" = String)))))]
pub(super) async fn replace(
    Awake(brain): Awake,
    caller: TenantCaller,
    Reads(language): Reads,
    Path(path): Path<ChannelPath>,
    Json(fields): Json<CredentialFields>,
) -> Result<Versioned<ChannelView>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let channel = found(&mut tx, path.channel_id).await?;
    tx.commit().await?;
    expect_ycloud(&channel)?;
    if let Some(key) = &fields.api_key {
        number(&brain, key, &channel.phone_number, language).await?;
    }
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let before = store::lock(&mut tx, channel.id).await?.ok_or(ApiError::NotFound("channel"))?;
    if let Some(key) = &fields.api_key {
        secrets::put(&mut tx, &brain.vault, place(channel.id, SecretKind::ApiKey), key).await?;
    }
    if let Some(secret) = &fields.webhook_secret {
        secrets::rotate_webhook_secret(&mut tx, &brain.vault, (channel.id, Provider::YCloud), secret).await?;
    }
    store::touch(&mut tx, channel.id).await?;
    let after = found(&mut tx, channel.id).await?;
    record(&mut tx, &caller, "channel.credentials_replaced", (Some(&before), Some(&after))).await?;
    tx.commit().await?;
    Ok(ChannelView::new(after, language, &caller, &brain).versioned())
}
