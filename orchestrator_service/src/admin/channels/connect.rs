//! Connecting a number of YCloud: the key shows its numbers, one is chosen, and YCloud is told to call us about it.

use axum::http::StatusCode;
use nexus_core::phone::PhoneNumber;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::outside::{ensure_webhook, found, number, numbers, place, record};
use super::view::ChannelView;
use crate::admin::api_error::{ApiError, FieldCode};
use crate::admin::extract::{FieldErrors, Json, Validate};
use crate::admin::guard::Awake;
use crate::admin::idempotency::{Answer, Begun, Idempotent};
use crate::admin::language::Reads;
use crate::auth::TenantCaller;
use crate::channels::secrets::{self, SecretKind};
use crate::channels::store::{self, NewChannel};

pub(super) const LONGEST_KEY: usize = 512;
pub(super) const LONGEST_NAME: usize = 100;

/// A key whose numbers are asked for. It is not kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyFields {
    /// The API key of YCloud.
    #[schema(value_type = String, format = Password, min_length = 1, pattern = r"\S")]
    api_key: SecretString,
}

impl Validate for KeyFields {
    fn validate(&self, found: &mut FieldErrors) {
        check_key(found, "api_key", &self.api_key);
    }
}

/// Keys travel in headers.
pub(super) fn check_key(found: &mut FieldErrors, field: &str, key: &SecretString) {
    let key = key.expose_secret();
    found.text(field, key, LONGEST_KEY);
    let is_line = key.bytes().all(|byte| byte.is_ascii_graphic());
    found.expect(is_line, field, FieldCode::Invalid, "must be one line of letters, digits and signs, without spaces");
}

/// One number of an account.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NumberView {
    /// E.164.
    phone_number: String,
    /// The name that customers see.
    name: String,
    /// YCloud's own word, `CONNECTED` when it can send.
    status: String,
    /// YCloud's own word, e.g. `GREEN`; empty when it says none.
    quality: String,
    /// Whether this business has it already.
    is_connected: bool,
}

/// The numbers of a YCloud key
#[utoipa::path(post, path = "/tenants/{tenant_id}/channels/numbers", tag = "channels", operation_id = "channels_numbers",
    request_body = KeyFields, responses((status = 200, body = Vec<NumberView>)))]
pub(super) async fn list_numbers(
    Awake(brain): Awake,
    caller: TenantCaller,
    Reads(language): Reads,
    Json(fields): Json<KeyFields>,
) -> Result<axum::Json<Vec<NumberView>>, ApiError> {
    let listed = numbers(&brain, &fields.api_key, language).await?;
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let own = store::find(&mut tx, None).await?;
    let views = listed.into_iter().map(|number| NumberView {
        is_connected: own.iter().any(|channel| channel.phone_number == number.phone_number),
        phone_number: number.phone_number,
        name: number.name,
        status: number.status,
        quality: number.quality,
    });
    Ok(axum::Json(views.collect()))
}

/// A number to connect.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConnectFields {
    /// The API key of YCloud.
    #[schema(value_type = String, format = Password, min_length = 1, pattern = r"\S")]
    api_key: SecretString,
    /// One of the key's numbers.
    #[schema(pattern = "^\\+[1-9][0-9]{6,14}$")]
    phone_number: String,
    /// What the business calls it; absent: the name that customers see.
    display_name: Option<String>,
    /// Who answers on it; absent: the first assistant of the business.
    assistant_id: Option<Uuid>,
    /// Whether messages are marked as read while the assistant writes; absent: yes.
    marks_read: Option<bool>,
}

impl Validate for ConnectFields {
    fn validate(&self, found: &mut FieldErrors) {
        check_key(found, "api_key", &self.api_key);
        let is_number = PhoneNumber::parse(&self.phone_number).is_some();
        found.expect(
            is_number,
            "phone_number",
            FieldCode::Invalid,
            "must be a number in international form, e.g. +5493815550100",
        );
        if let Some(name) = &self.display_name {
            found.text("display_name", name, LONGEST_NAME);
        }
    }
}

/// Connect a number of YCloud
///
/// The number must be one of the key's, and of no other channel of the installation. Where `WEBHOOK_BASE_URL` is set, YCloud
/// is told to call us; `health.webhook_state` says whether that worked, and `POST …/webhook` tries it again.
#[utoipa::path(post, path = "/tenants/{tenant_id}/channels", tag = "channels", operation_id = "channels_connect",
    params(("Idempotency-Key" = Option<String>, Header)), request_body = ConnectFields, responses((status = 201, body = ChannelView)))]
pub(super) async fn connect(
    Awake(brain): Awake,
    caller: TenantCaller,
    Reads(language): Reads,
    Idempotent { body, request }: Idempotent<ConnectFields>,
) -> Result<Answer, ApiError> {
    let unreadable = || ApiError::field("phone_number", FieldCode::Invalid, "must be a number in international form");
    let wanted = PhoneNumber::parse(&body.phone_number).ok_or_else(unreadable)?;
    let listed = number(&brain, &body.api_key, wanted.as_str(), language).await?;
    let mut tx = brain.db.tenant(caller.tenant).await?;
    if let Begun::Done(answer) = request.begin(&mut tx).await? {
        return Ok(answer);
    }
    let assistant = match body.assistant_id {
        Some(assistant) if store::has_assistant(&mut tx, assistant).await? => Some(assistant),
        Some(_) => return Err(ApiError::field("assistant_id", FieldCode::Invalid, "there is no such assistant")),
        None => store::first_assistant(&mut tx).await?,
    };
    let display_name = body.display_name.as_deref().map_or(listed.name.as_str(), str::trim);
    let new = NewChannel { number: &wanted, display_name, assistant, marks_read: body.marks_read.unwrap_or(true) };
    let id = store::connect(&mut tx, new).await?;
    secrets::put(&mut tx, &brain.vault, place(id, SecretKind::ApiKey), &body.api_key).await?;
    let channel = found(&mut tx, id).await?;
    record(&mut tx, &caller, "channel.connected", (None, Some(&channel))).await?;
    let view = ChannelView::new(channel.clone(), language, &caller, &brain);
    request.finish(&mut tx, StatusCode::CREATED, &view).await?;
    tx.commit().await?;
    // From here on the channel is there; what fails now can be tried again by itself.
    if let Err(error) = ensure_webhook(&brain, &caller, &channel, &body.api_key).await {
        tracing::warn!(tenant_id = %caller.tenant, channel_id = %id, ?error, "a new channel has no webhook yet");
        let mut tx = brain.db.tenant(caller.tenant).await?;
        store::note_webhook(&mut tx, id, None, "missing").await?;
        tx.commit().await?;
    }
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let view = ChannelView::new(found(&mut tx, id).await?, language, &caller, &brain);
    let answer = request.finish(&mut tx, StatusCode::CREATED, &view).await?;
    tx.commit().await?;
    Ok(answer)
}
