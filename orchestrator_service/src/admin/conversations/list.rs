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
use crate::inbox::conversations::filter::{LONGEST_SEARCH, ListFilter};
use crate::inbox::conversations::list::{Key, View, list as list_rows};

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
    /// Only those that missed a target of the service level.
    #[serde(default)]
    breached: bool,
    /// Only those whose contact last gave this score or less, 1 to 5.
    #[param(minimum = 1, maximum = 5)]
    satisfaction_at_most: Option<i16>,
    /// Words of the contact's name, digits of the number, or words of what was said; all must be there.
    q: Option<String>,
}

impl Validate for ListQuery {
    fn validate(&self, found: &mut FieldErrors) {
        let length = self.q.as_ref().map_or(0, String::len);
        found.expect(length <= LONGEST_SEARCH, "q", FieldCode::TooLong, "must have at most 20000 bytes");
        found.range("satisfaction_at_most", self.satisfaction_at_most.map(i32::from), 1..=5);
    }
}

impl From<ListQuery> for ListFilter {
    fn from(query: ListQuery) -> Self {
        Self {
            view: query.view,
            channel_id: query.channel_id,
            label: query.label,
            assigned_user_id: query.assigned_user_id,
            team_id: query.team_id,
            unread: query.unread,
            window_closing: query.window_closing,
            failed: query.failed,
            breached: query.breached,
            satisfaction_at_most: query.satisfaction_at_most,
            q: query.q,
        }
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
    let view = query.view;
    let filter = ListFilter::from(query).resolve(&mut tx).await?;
    let rows = list_rows(&mut tx, view, me, &filter, after, paging.fetch()).await?;
    let counts = if after.is_none() { Some(counts(&mut tx, me).await?) } else { None };
    Ok(axum::Json(ConversationPage { page: Page::cut(rows, &paging, |row| view.key(row)), counts }))
}
