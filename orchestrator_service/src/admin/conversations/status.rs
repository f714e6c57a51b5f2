//! Resolve, reopen, snooze.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ConversationPath, change};
use crate::admin::api_error::ApiError;
use crate::admin::audit::NOTHING;
use crate::admin::extract::{Json, Path, Validate};
use crate::admin::guard::Awake;
use crate::auth::TenantCaller;
use crate::inbox::conversations::{Conversation, status};

/// Mark as done
///
/// The next message of the contact opens it again.
#[utoipa::path(post, path = "/tenants/{tenant_id}/conversations/{conversation_id}/resolve", tag = "conversations",
    operation_id = "conversations_resolve", params(("conversation_id" = uuid::Uuid, Path)),
    responses((status = 200, body = Conversation)))]
pub(super) async fn resolve(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ConversationPath>,
) -> Result<axum::Json<Conversation>, ApiError> {
    let mut tx = change::begin(&brain, &caller).await?;
    status::resolve(&mut tx, path.conversation_id).await?;
    change::finish(&brain, tx, &caller, path.conversation_id, "conversation.resolved", (NOTHING, NOTHING)).await
}

/// Open again
#[utoipa::path(post, path = "/tenants/{tenant_id}/conversations/{conversation_id}/reopen", tag = "conversations",
    operation_id = "conversations_reopen", params(("conversation_id" = uuid::Uuid, Path)),
    responses((status = 200, body = Conversation)))]
pub(super) async fn reopen(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ConversationPath>,
) -> Result<axum::Json<Conversation>, ApiError> {
    let mut tx = change::begin(&brain, &caller).await?;
    status::reopen(&mut tx, path.conversation_id).await?;
    change::finish(&brain, tx, &caller, path.conversation_id, "conversation.reopened", (NOTHING, NOTHING)).await
}

/// How long it rests.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Snooze {
    /// In the future, at most a year ahead.
    until: DateTime<Utc>,
}

impl Validate for Snooze {}

/// Let it rest
///
/// It comes back at the time, or when the contact writes.
#[utoipa::path(post, path = "/tenants/{tenant_id}/conversations/{conversation_id}/snooze", tag = "conversations",
    operation_id = "conversations_snooze", params(("conversation_id" = uuid::Uuid, Path)), request_body = Snooze,
    responses((status = 200, body = Conversation)))]
pub(super) async fn snooze(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ConversationPath>,
    Json(body): Json<Snooze>,
) -> Result<axum::Json<Conversation>, ApiError> {
    let mut tx = change::begin(&brain, &caller).await?;
    status::snooze(&mut tx, path.conversation_id, body.until, Utc::now()).await?;
    change::finish(&brain, tx, &caller, path.conversation_id, "conversation.snoozed", (NOTHING, Some(&body))).await
}
