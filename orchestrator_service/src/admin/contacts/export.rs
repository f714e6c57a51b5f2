//! Everything that is kept about a contact, as one JSON document that is written while it is read.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use nexus_core::ids::{ConversationId, TenantId};
use nexus_core::tenancy::TenantTx;

use super::ContactPath;
use crate::admin::api_error::ApiError;
use crate::admin::audit::{self, Change, NOTHING};
use crate::admin::extract::Path;
use crate::admin::guard::Awake;
use crate::auth::TenantCaller;
use crate::inbox::contacts::export::{self, Key};
use crate::state::Brain;

/// Where the writing of the document stands.
struct Writing {
    brain: Arc<Brain>,
    tenant: TenantId,
    conversations: Vec<ConversationId>,
    after: Option<Key>,
    /// What to write first; afterwards pages of messages follow.
    head: Option<String>,
    is_first: bool,
    is_over: bool,
}

/// Export a contact with all its messages
#[utoipa::path(get, path = "/tenants/{tenant_id}/contacts/{contact_id}/export", tag = "contacts",
    operation_id = "contacts_export", params(("contact_id" = uuid::Uuid, Path)),
    responses((status = 200, body = Object, content_type = "application/json")))]
pub(super) async fn export(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ContactPath>,
) -> Result<Response, ApiError> {
    let mut tx: TenantTx = brain.db.tenant(caller.tenant).await?;
    let head = export::head(&mut tx, path.contact_id).await?;
    let conversations = export::conversations(&mut tx, path.contact_id).await?;
    let change = Change { action: "contact.exported", object_kind: "contact", object_id: Some(path.contact_id.0) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (NOTHING, NOTHING)).await?;
    tx.commit().await?;
    // The head is an object; the messages become its last field, so its closing brace comes after them.
    let mut head = head.to_string();
    head.pop();
    head.push_str(",\"messages\":[");
    let writing =
        Writing { brain, tenant: caller.tenant, conversations, after: None, head: Some(head), is_first: true, is_over: false };
    let body = Body::from_stream(stream::try_unfold(writing, write));
    let disposition = HeaderValue::from_static("attachment; filename=\"contact.json\"");
    let kind = HeaderValue::from_static("application/json");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], body).into_response())
}

async fn write(mut writing: Writing) -> Result<Option<(Bytes, Writing)>, sqlx::Error> {
    if let Some(head) = writing.head.take() {
        return Ok(Some((Bytes::from(head), writing)));
    }
    if writing.is_over {
        return Ok(None);
    }
    let mut tx = writing.brain.db.tenant(writing.tenant).await?;
    let page = export::messages(&mut tx, &writing.conversations, writing.after).await?;
    drop(tx);
    let Some((last, _)) = page.last() else {
        writing.is_over = true;
        return Ok(Some((Bytes::from_static(b"]}"), writing)));
    };
    writing.after = Some(*last);
    let mut text = String::new();
    for (_, message) in &page {
        if !std::mem::take(&mut writing.is_first) {
            text.push(',');
        }
        text.push_str(&message.to_string());
    }
    Ok(Some((Bytes::from(text), writing)))
}
