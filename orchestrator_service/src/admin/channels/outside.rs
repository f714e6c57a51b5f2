//! What the handlers of channels have in common: a channel of the path, its key, and what YCloud says when asked.

use nexus_core::ids::ChannelId;
use nexus_core::provider::Provider;
use nexus_core::tenancy::TenantTx;
use secrecy::SecretString;

use crate::admin::api_error::{ApiError, FieldCode, ProblemCode};
use crate::admin::audit::{self, Change};
use crate::admin::channels::view::Audited;
use crate::auth::TenantCaller;
use crate::channels::secrets::{self, Place, SecretError, SecretKind};
use crate::channels::store::{self, Channel};
use crate::channels::webhook;
use crate::channels::ycloud::{Endpoint, Number, YCloud};
use crate::integrations::finding::Finding;
use crate::phrases::Language;
use crate::state::Brain;

/// The channel of the path, or 404.
pub(super) async fn found(tx: &mut TenantTx, channel: ChannelId) -> Result<Channel, ApiError> {
    store::find(tx, Some(channel)).await?.pop().ok_or(ApiError::NotFound("channel"))
}

/// Only YCloud's channels can be managed from here so far.
pub(super) fn expect_ycloud(channel: &Channel) -> Result<(), ApiError> {
    const OTHER: &str = "only channels of YCloud can be managed here";
    if channel.provider == Provider::YCloud.as_str() { Ok(()) } else { Err(ApiError::Conflict(ProblemCode::WrongState, OTHER)) }
}

pub(super) const fn place(channel: ChannelId, kind: SecretKind) -> Place {
    Place { channel, provider: Provider::YCloud, kind }
}

/// The channel's own key; a lost one counts as none.
pub(super) async fn own_key(tx: &mut TenantTx, brain: &Brain, channel: ChannelId) -> Result<Option<SecretString>, ApiError> {
    match secrets::open(tx, &brain.vault, place(channel, SecretKind::ApiKey)).await {
        Ok(key) => Ok(key),
        Err(SecretError::Vault(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The numbers of a key that has just been entered.
pub(super) async fn numbers(brain: &Brain, key: &SecretString, language: Language) -> Result<Vec<Number>, ApiError> {
    let listed = async { YCloud::new(&brain.outside, key)?.numbers().await }.await;
    listed.map_err(|finding| refused("api_key", &finding, language))
}

/// The one number, if the key has it.
pub(super) async fn number(brain: &Brain, key: &SecretString, wanted: &str, language: Language) -> Result<Number, ApiError> {
    let listed = numbers(brain, key, language).await?;
    listed.into_iter().find(|number| number.phone_number == wanted).ok_or_else(|| {
        let missing = Finding::NumberNotListed { number: wanted.to_owned() };
        ApiError::field("phone_number", FieldCode::Invalid, &missing.words(language))
    })
}

/// A refusal that the field explains, or a failure outside.
pub(super) fn refused(field: &str, finding: &Finding, language: Language) -> ApiError {
    let words = finding.words(language);
    match finding {
        Finding::KeyRefused | Finding::ScopeMissing | Finding::NoCredit | Finding::AccountSuspended => {
            ApiError::field(field, FieldCode::Invalid, &words)
        }
        _ => ApiError::Outside(words),
    }
}

/// Makes sure that YCloud calls the channel's own URL, and keeps the secret that signs the calls.
///
/// Safe to repeat: the endpoint is found by its URL, and its secret is read again.
pub(super) async fn ensure_webhook(
    brain: &Brain,
    caller: &TenantCaller,
    channel: &Channel,
    key: &SecretString,
) -> Result<(), EnsureError> {
    let Some(base) = &brain.outside.webhook_base_url else { return Err(EnsureError::NoBase) };
    let url = format!("{base}{}", webhook::path(&channel.provider, &channel.webhook_key));
    let endpoint = webhook::ensure(&YCloud::new(&brain.outside, key)?, &url).await?;
    keep_endpoint(brain, caller, channel, &endpoint).await?;
    Ok(())
}

/// Why a webhook is not in place.
#[derive(Debug)]
pub(super) enum EnsureError {
    /// `WEBHOOK_BASE_URL` is not set: nobody knows where the edge is.
    NoBase,
    /// YCloud refused or did not answer.
    Outside(Finding),
    /// Ours.
    Api(ApiError),
}

impl From<Finding> for EnsureError {
    fn from(finding: Finding) -> Self {
        Self::Outside(finding)
    }
}

impl From<ApiError> for EnsureError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl EnsureError {
    pub(super) fn into_api(self, language: Language) -> ApiError {
        const NO_BASE: &str = "WEBHOOK_BASE_URL is not set; register the webhook_url of the channel at YCloud by hand";
        match self {
            Self::NoBase => ApiError::Conflict(ProblemCode::WrongState, NO_BASE),
            Self::Outside(finding) => ApiError::Outside(finding.words(language)),
            Self::Api(error) => error,
        }
    }
}

/// Notes an endpoint and its secret; the secret before stays good.
pub(super) async fn keep_endpoint(
    brain: &Brain,
    caller: &TenantCaller,
    channel: &Channel,
    endpoint: &Endpoint,
) -> Result<(), ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let Some(before) = store::lock(&mut tx, channel.id).await? else { return Err(ApiError::NotFound("channel")) };
    if let Some(secret) = &endpoint.secret {
        secrets::rotate_webhook_secret(&mut tx, &brain.vault, (channel.id, Provider::YCloud), secret).await?;
    }
    let state = match endpoint.status.as_str() {
        "pending" => "pending",
        "disabled" => "disabled",
        _ => "active",
    };
    store::note_webhook(&mut tx, channel.id, Some(&endpoint.id), state).await?;
    let after = found(&mut tx, channel.id).await?;
    record(&mut tx, caller, "channel.webhook_registered", (Some(&before), Some(&after))).await?;
    tx.commit().await?;
    Ok(())
}

/// Writes down a change of a channel.
pub(super) async fn record(
    tx: &mut TenantTx,
    caller: &TenantCaller,
    action: &str,
    (before, after): (Option<&Channel>, Option<&Channel>),
) -> Result<(), sqlx::Error> {
    let id = after.or(before).map(|channel| channel.id.0);
    let change = Change { action, object_kind: "channel", object_id: id };
    let (before, after) = (before.map(Audited::from), after.map(Audited::from));
    audit::record(tx, Some(caller.tenant), &caller.caller, change, (before.as_ref(), after.as_ref())).await
}

impl From<SecretError> for ApiError {
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::Database(error) => error.into(),
            error @ SecretError::Vault(_) => Self::internal(error),
        }
    }
}
