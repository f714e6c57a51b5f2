//! Forgets a contact.

use axum::http::StatusCode;
use nexus_core::live::{self, LiveEvent};
use serde_json::json;

use super::ContactPath;
use crate::admin::api_error::ApiError;
use crate::admin::audit::{self, Change, NOTHING};
use crate::admin::extract::Path;
use crate::admin::guard::Awake;
use crate::auth::TenantCaller;
use crate::inbox::contacts::erase as forget;

/// Erase everything about a contact
///
/// Messages, identities, raw webhook bodies, outbox, turns and jobs. Cannot be undone.
#[utoipa::path(delete, path = "/tenants/{tenant_id}/contacts/{contact_id}", tag = "contacts", operation_id = "contacts_erase",
    params(("contact_id" = uuid::Uuid, Path)), responses((status = 204)))]
pub(super) async fn erase(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ContactPath>,
) -> Result<StatusCode, ApiError> {
    forget::raw_bodies(&brain.db, caller.tenant, path.contact_id).await?;
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let conversations = forget::erase(&mut tx, path.contact_id).await?;
    let change = Change { action: "contact.erased", object_kind: "contact", object_id: Some(path.contact_id.0) };
    audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (NOTHING, NOTHING)).await?;
    tx.commit().await?;
    let gone = |conversation| LiveEvent {
        tenant: caller.tenant,
        kind: "conversation.updated",
        data: json!({ "conversation_id": conversation, "revision": null }),
    };
    let events: Vec<LiveEvent> = conversations.iter().map(gone).collect();
    live::publish(&brain.redis, &events).await;
    Ok(StatusCode::NO_CONTENT)
}
