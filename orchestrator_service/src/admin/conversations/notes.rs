//! What agents tell each other beside a conversation.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use nexus_core::live::{self, LiveEvent};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ConversationPath, updated};
use crate::admin::api_error::ApiError;
use crate::admin::audit::{self, Change, NOTHING};
use crate::admin::extract::{Path, Validate};
use crate::admin::guard::Awake;
use crate::admin::idempotency::{Answer, Begun, Idempotent};
use crate::admin::page::{Page, Paging};
use crate::auth::TenantCaller;
use crate::inbox::conversations::notes::{self, Note};
use crate::inbox::conversations::revision;

/// Notes, newest first
#[utoipa::path(get, path = "/tenants/{tenant_id}/conversations/{conversation_id}/notes", tag = "conversations",
    operation_id = "conversations_notes", params(("conversation_id" = Uuid, Path), Paging),
    responses((status = 200, body = Page<Note>)))]
pub(super) async fn list(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ConversationPath>,
    paging: Paging,
) -> Result<axum::Json<Page<Note>>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let rows = notes::list(&mut tx, path.conversation_id, paging.after::<(DateTime<Utc>, Uuid)>()?, paging.fetch()).await?;
    Ok(axum::Json(Page::cut(rows, &paging, |note| (note.created_at, note.id))))
}

/// What it says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AddNote {
    /// Never sent to anybody.
    #[schema(min_length = 1, max_length = 10000, pattern = r"\S")]
    body: String,
    /// Members who are meant to see it.
    #[serde(default)]
    mentions: Vec<Uuid>,
}

impl Validate for AddNote {}

/// Write a note
#[utoipa::path(post, path = "/tenants/{tenant_id}/conversations/{conversation_id}/notes", tag = "conversations",
    operation_id = "conversations_add_note", params(("conversation_id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = AddNote, responses((status = 201, body = Note)))]
pub(super) async fn add(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ConversationPath>,
    Idempotent { body, request }: Idempotent<AddNote>,
) -> Result<Answer, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    if let Begun::Done(answer) = request.begin(&mut tx).await? {
        return Ok(answer);
    }
    let author = caller.caller.user().map(|user| user.0);
    let note = notes::add(&mut tx, path.conversation_id, author, &body.body, &body.mentions).await?;
    let change = Change { action: "note.added", object_kind: "conversation", object_id: Some(path.conversation_id.0) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (NOTHING, Some(&note.id))).await?;
    let revision = revision(&mut tx, path.conversation_id).await?;
    let answer = request.finish(&mut tx, StatusCode::CREATED, &note).await?;
    tx.commit().await?;
    let named = note.mentions.iter().map(|user| LiveEvent {
        tenant: caller.tenant,
        kind: "notice",
        data: json!({ "about": "mention", "conversation_id": path.conversation_id, "note_id": note.id, "user_id": user }),
    });
    let news: Vec<LiveEvent> = named.chain([updated(caller.tenant, path.conversation_id, revision)]).collect();
    live::publish(&brain.redis, &news).await;
    Ok(answer)
}
