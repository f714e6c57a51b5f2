//! Setting up and forgetting. The audit log gets what may be shown: settings and the end of the secret.

use axum::http::StatusCode;
use nexus_core::ids::TenantId;
use nexus_core::tenancy::TenantTx;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::KindPath;
use super::view::{self, IntegrationView};
use crate::admin::api_error::{ApiError, FieldCode};
use crate::admin::audit::{self, Change, NOTHING};
use crate::admin::etag::{IfMatch, Versioned};
use crate::admin::extract::{FieldErrors, Json, Path, Validate, explain_within};
use crate::admin::guard::Awake;
use crate::admin::language::Reads;
use crate::auth::TenantCaller;
use crate::integrations::settings::IntegrationSettings;
use crate::integrations::{self, IntegrationError, IntegrationKind};
use crate::state::Brain;

/// A service account's key file has some 2,400 characters.
const LONGEST_SECRET: usize = 16_384;

/// An outside system as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct IntegrationFields {
    /// What is not secret. Of `openai`: `base_url`, `model`. Of `tiendanube`: `store_id`, `api_url`, `api_version`. Of
    /// `google_calendar`: nothing. Of `smtp`: `host`, `port`, `security` (`none`, `starttls`, `tls`), `user`, `from`.
    #[schema(value_type = Object)]
    settings: Value,
    /// The key, token, password or key file. Absent: the stored one stays, unless it would be sent somewhere else.
    #[schema(value_type = Option<String>, format = Password, min_length = 1, pattern = r"\S")]
    secret: Option<SecretString>,
}

impl Validate for IntegrationFields {
    fn validate(&self, found: &mut FieldErrors) {
        found.expect(self.settings.is_object(), "settings", FieldCode::WrongType, "must be an object");
        if let Some(secret) = &self.secret {
            found.text("secret", secret.expose_secret(), LONGEST_SECRET);
        }
    }
}

/// Set up an outside system, or change it
///
/// The secret can be replaced and never read. It must be entered again when it would be sent somewhere else than before.
#[utoipa::path(put, path = "/tenants/{tenant_id}/integrations/{kind}", tag = "integrations", operation_id = "integrations_put",
    params(("kind" = IntegrationKind, Path), ("If-Match" = String, Header, description = "The ETag that was edited.")),
    request_body = IntegrationFields, responses((status = 200, body = IntegrationView, headers(("ETag" = String)))))]
pub(super) async fn put(
    Awake(brain): Awake,
    caller: TenantCaller,
    Reads(language): Reads,
    Path(path): Path<KindPath>,
    if_match: IfMatch,
    Json(fields): Json<IntegrationFields>,
) -> Result<Versioned<IntegrationView>, ApiError> {
    let settings = readable(path.kind, &fields, &brain)?;
    let mut tx = brain.db.tenant(caller.tenant).await?;
    lock(&mut tx, caller.tenant).await?;
    let before = view::one(&mut tx, path.kind, language).await?.versioned();
    if_match.check(&before)?;
    let secret = fields.secret.as_ref();
    expect_secret(path.kind, &before.1, &settings, secret)?;
    integrations::save(&mut tx, &brain.vault, path.kind, &settings.to_json(), secret).await?;
    if !settings.needs_secret() && secret.is_none() {
        integrations::forget_secret(&mut tx, path.kind).await?;
    }
    let after = view::one(&mut tx, path.kind, language).await?;
    let change = Change { action: "integration.changed", object_kind: "integration", object_id: None };
    let before = before.1.is_set_up().then_some(&before.1);
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (before, Some(&after))).await?;
    tx.commit().await?;
    Ok(after.versioned())
}

/// Forget an outside system and its secret
#[utoipa::path(delete, path = "/tenants/{tenant_id}/integrations/{kind}", tag = "integrations",
    operation_id = "integrations_delete", responses((status = 204)),
    params(("kind" = IntegrationKind, Path), ("If-Match" = String, Header, description = "The ETag that was seen.")))]
pub(super) async fn delete(
    Awake(brain): Awake,
    caller: TenantCaller,
    Reads(language): Reads,
    Path(path): Path<KindPath>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    lock(&mut tx, caller.tenant).await?;
    let before = view::one(&mut tx, path.kind, language).await?;
    if !before.is_set_up() {
        return Err(ApiError::NotFound("integration"));
    }
    let before = before.versioned();
    if_match.check(&before)?;
    integrations::delete(&mut tx, path.kind).await?;
    let change = Change { action: "integration.deleted", object_kind: "integration", object_id: None };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (Some(&before.1), NOTHING)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One edit at a time, also of what is not there yet.
async fn lock(tx: &mut TenantTx, tenant: TenantId) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT id FROM tenants WHERE id = $1 FOR UPDATE").bind(tenant).execute(&mut **tx).await.map(drop)
}

fn readable(kind: IntegrationKind, fields: &IntegrationFields, brain: &Brain) -> Result<IntegrationSettings, ApiError> {
    let settings = IntegrationSettings::read(kind, &fields.settings).map_err(|error| explain_within("settings", &error))?;
    let mut found = FieldErrors::default();
    for (field, words) in settings.mistakes(brain.outside.targets) {
        found.add(field, FieldCode::Invalid, words);
    }
    let mistake = fields.secret.as_ref().and_then(|secret| settings.mistake_of_secret(secret.expose_secret()));
    if let Some(words) = mistake {
        found.add("secret", FieldCode::Invalid, words);
    }
    found.into_result()?;
    Ok(settings)
}

/// A secret must be there where one is needed, and must not be sent to another place than it was entered for.
fn expect_secret(
    kind: IntegrationKind,
    before: &IntegrationView,
    settings: &IntegrationSettings,
    secret: Option<&SecretString>,
) -> Result<(), ApiError> {
    if secret.is_some() || !settings.needs_secret() {
        return Ok(());
    }
    let stored = before.settings().and_then(|stored| IntegrationSettings::read(kind, stored).ok());
    let is_same_place = stored.is_some_and(|stored| stored.destination() == settings.destination());
    match before.has_secret() {
        false => Err(ApiError::field("secret", FieldCode::Missing, "must be there")),
        true if !is_same_place => {
            Err(ApiError::field("secret", FieldCode::Missing, "must be entered again, because it would be sent somewhere else"))
        }
        true => Ok(()),
    }
}

impl From<IntegrationError> for ApiError {
    fn from(error: IntegrationError) -> Self {
        match error {
            IntegrationError::Database(error) => error.into(),
            error @ IntegrationError::Vault(_) => Self::internal(error),
        }
    }
}
