//! The thread in pages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nexus_core::ids::MessageId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::admin::api_error::{ApiError, FieldCode};
use crate::admin::conversations::ConversationPath;
use crate::admin::extract::{FieldErrors, Path, Query, Validate};
use crate::admin::guard::Awake;
use crate::admin::language::Reads;
use crate::auth::TenantCaller;
use crate::inbox::messages::Message;
use crate::inbox::messages::page::{Key, Part, page as read_page};

/// Which part of the thread; at most one of `before`, `after` and `around`, none for the newest messages.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// `older_cursor` of a page.
    before: Option<String>,
    /// `newer_cursor` of a page.
    after: Option<String>,
    /// A message, with what surrounds it.
    #[param(value_type = Option<uuid::Uuid>)]
    around: Option<MessageId>,
    /// How many at most: 1 to 200, usually 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
}

impl Validate for PageQuery {
    fn validate(&self, found: &mut FieldErrors) {
        let given = [self.before.is_some(), self.after.is_some(), self.around.is_some()];
        let is_one = given.into_iter().filter(|is_given| *is_given).count() <= 1;
        found.expect(is_one, "before", FieldCode::Invalid, "only one of before, after and around");
        let is_within = self.limit.is_none_or(|limit| (1..=200).contains(&limit));
        found.expect(is_within, "limit", FieldCode::OutOfRange, "must lie between 1 and 200");
    }
}

impl PageQuery {
    fn part(&self) -> Result<Part, ApiError> {
        match (&self.before, &self.after, self.around) {
            (Some(before), ..) => decode("before", before).map(Part::Before),
            (_, Some(after), _) => decode("after", after).map(Part::After),
            (_, _, Some(message)) => Ok(Part::Around(message)),
            _ => Ok(Part::Newest),
        }
    }
}

fn encode(key: &Key) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
}

fn decode(field: &str, cursor: &str) -> Result<Key, ApiError> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let key = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    key.ok_or_else(|| ApiError::field(field, FieldCode::Invalid, "is not a cursor of this list"))
}

/// Part of a thread.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MessagePage {
    /// Oldest first.
    items: Vec<Message>,
    /// Give it as `before`; null at the beginning of the thread.
    older_cursor: Option<String>,
    /// Give it as `after`, now or later; null only for an empty page without `after`.
    newer_cursor: Option<String>,
    /// Whether there are newer ones already.
    has_newer: bool,
}

/// Messages of a conversation
#[utoipa::path(get, path = "/tenants/{tenant_id}/conversations/{conversation_id}/messages", tag = "messages",
    operation_id = "messages_list", params(("conversation_id" = uuid::Uuid, Path), PageQuery),
    responses((status = 200, body = MessagePage)))]
pub(super) async fn page(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ConversationPath>,
    Query(query): Query<PageQuery>,
    Reads(language): Reads,
) -> Result<axum::Json<MessagePage>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let found = read_page(&mut tx, path.conversation_id, query.part()?, query.limit.unwrap_or(50)).await?;
    let older_cursor = found.rows.first().filter(|_| found.has_older).map(|row| encode(&row.key()));
    let newer_cursor = found.rows.last().map(|row| encode(&row.key())).or(query.after);
    let items = found.rows.into_iter().map(|row| row.in_words(language)).collect();
    Ok(axum::Json(MessagePage { items, older_cursor, newer_cursor, has_newer: found.has_newer }))
}
