//! The lists of the inbox.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::admin::api_error::{ApiError, FieldCode};
use crate::admin::extract::{FieldErrors, Query, Validate};
use crate::admin::guard::Awake;
use crate::admin::page::{Page, Paging};
use crate::auth::TenantCaller;
use crate::inbox::conversations::Conversation;
use crate::inbox::conversations::counts::{Counts, counts};
use crate::inbox::conversations::list::{Filter, Key, View, list as list_rows};
use crate::inbox::search::Words;

/// More is not read anyway.
const LONGEST_SEARCH: usize = 20_000;

/// Which list, and what narrows it.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// Which list; usually waiting.
    #[serde(default)]
    #[param(inline)]
    view: View,
    /// Only this channel.
    channel_id: Option<Uuid>,
    /// Only with this label.
    label: Option<String>,
    /// Only this person's.
    assigned_user_id: Option<Uuid>,
    /// Only this team's.
    team_id: Option<Uuid>,
    /// Only unread ones.
    #[serde(default)]
    unread: bool,
    /// Only those whose service window closes within four hours.
    #[serde(default)]
    window_closing: bool,
    /// Only those with a failed or unknown message of the last thirty days.
    #[serde(default)]
    failed: bool,
    /// Words of the contact's name, digits of the number, or words of what was said; all must be there.
    q: Option<String>,
}

impl Validate for ListQuery {
    fn validate(&self, found: &mut FieldErrors) {
        let length = self.q.as_ref().map_or(0, String::len);
        found.expect(length <= LONGEST_SEARCH, "q", FieldCode::TooLong, "must have at most 20000 bytes");
    }
}

/// A page of a list; the first one comes with the counts of every view.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConversationPage {
    #[serde(flatten)]
    page: Page<Conversation>,
    /// How many each view holds, at most 1000; only with the first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<Counts>,
}

/// Conversations of a view
#[utoipa::path(get, path = "/tenants/{tenant_id}/conversations", tag = "conversations", operation_id = "conversations_list",
    params(Paging, ListQuery), responses((status = 200, body = ConversationPage)))]
pub(super) async fn list(
    Awake(brain): Awake,
    caller: TenantCaller,
    paging: Paging,
    Query(query): Query<ListQuery>,
) -> Result<axum::Json<ConversationPage>, ApiError> {
    let me = caller.caller.user().map_or(Uuid::nil(), |user| user.0);
    let after: Option<Key> = paging.after()?;
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let words = match query.q.as_deref().map(str::trim).filter(|typed| !typed.is_empty()) {
        Some(typed) => Some(Words::read(&mut tx, typed).await?),
        None => None,
    };
    let filter = Filter {
        channel: query.channel_id,
        label: query.label,
        assignee: query.assigned_user_id,
        team: query.team_id,
        is_unread: query.unread,
        is_window_closing: query.window_closing,
        has_failed_message: query.failed,
        words,
    };
    let rows = list_rows(&mut tx, query.view, me, &filter, after, paging.fetch()).await?;
    let counts = if after.is_none() { Some(counts(&mut tx, me).await?) } else { None };
    Ok(axum::Json(ConversationPage { page: Page::cut(rows, &paging, |row| query.view.key(row)), counts }))
}
