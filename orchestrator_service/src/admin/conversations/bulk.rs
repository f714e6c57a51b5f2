//! One change to many conversations.

use axum::http::StatusCode;
use chrono::Utc;
use nexus_core::ids::ConversationId;
use nexus_core::live;
use nexus_core::tenancy::TenantTx;
use nexus_core::wake::Topic;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{change, updated};
use crate::admin::api_error::{ApiError, FieldCode, ProblemCode};
use crate::admin::audit::{self, Change};
use crate::admin::extract::{FieldErrors, Validate};
use crate::admin::guard::Awake;
use crate::admin::idempotency::{Answer, Begun, Idempotent};
use crate::auth::TenantCaller;
use crate::inbox::conversations::bulk::{BulkAction, Changed, MOST, Previous, change_all};
use crate::inbox::conversations::filter::{LONGEST_SEARCH, ListFilter};
use crate::inbox::conversations::list::list;
use crate::inbox::conversations::revision;
use crate::state::Brain;

/// Which, what, and whether only to try.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeMany {
    /// Which conversations, at most 100; this or `filter`.
    #[schema(max_items = 100)]
    ids: Option<Vec<Uuid>>,
    /// The first 100 of a list; this or `ids`.
    filter: Option<ListFilter>,
    /// What is to be done with each.
    action: BulkAction,
    /// Says what would happen, and changes nothing.
    #[serde(default)]
    dry_run: bool,
}

impl Validate for ChangeMany {
    fn validate(&self, found: &mut FieldErrors) {
        let is_one = self.ids.is_some() != self.filter.is_some();
        found.expect(is_one, "ids", FieldCode::Invalid, "either ids or filter");
        let count = self.ids.as_ref().map_or(0, Vec::len);
        found.expect(count <= MOST, "ids", FieldCode::TooLong, "at most 100");
        let search = self.filter.as_ref().and_then(|filter| filter.q.as_ref()).map_or(0, String::len);
        found.expect(search <= LONGEST_SEARCH, "filter.q", FieldCode::TooLong, "must have at most 20000 bytes");
    }
}

/// What became of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// It is changed, or would be.
    Changed,
    /// It cannot be.
    Refused,
}

/// One conversation and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Item {
    /// Which.
    #[schema(value_type = Uuid)]
    conversation_id: ConversationId,
    /// Whether it was changed.
    outcome: Outcome,
    /// What stood there before: what undoing needs.
    previous: Option<Previous>,
    /// Why not, for a program.
    code: Option<ProblemCode>,
    /// Why not, for a person.
    detail: Option<String>,
}

/// All of them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChangedMany {
    /// Whether nothing was changed.
    dry_run: bool,
    /// One for each, in the order of their ids.
    items: Vec<Item>,
}

impl From<Changed> for Item {
    fn from(changed: Changed) -> Self {
        let conversation_id = changed.conversation;
        match changed.result {
            Ok(previous) => {
                Self { conversation_id, outcome: Outcome::Changed, previous: Some(previous), code: None, detail: None }
            }
            Err(error) => {
                let error = ApiError::from(error);
                let (code, detail) = (Some(error.code()), Some(error.to_string()));
                Self { conversation_id, outcome: Outcome::Refused, previous: None, code, detail }
            }
        }
    }
}

/// Change many conversations
///
/// Each is changed for itself: one that cannot be keeps no other from it. `previous` is what undoing needs.
#[utoipa::path(post, path = "/tenants/{tenant_id}/conversation-changes", tag = "conversations",
    operation_id = "conversations_change_many", params(("Idempotency-Key" = Option<String>, Header)), request_body = ChangeMany,
    responses((status = 200, body = ChangedMany)))]
pub(super) async fn change_many(
    Awake(brain): Awake,
    caller: TenantCaller,
    Idempotent { body, request }: Idempotent<ChangeMany>,
) -> Result<Answer, ApiError> {
    let mut tx = change::begin(&brain, &caller).await?;
    if let Begun::Done(answer) = request.begin(&mut tx).await? {
        return Ok(answer);
    }
    let ids = chosen(&mut tx, &caller, body.ids, body.filter).await?;
    let changed = change_all(&mut tx, &ids, &body.action, Utc::now(), brain.burst_defaults()).await?;
    let items: Vec<Item> = changed.into_iter().map(Item::from).collect();
    for item in items.iter().filter(|item| item.outcome == Outcome::Changed) {
        let object_id = Some(item.conversation_id.0);
        let change = Change { action: body.action.audited(), object_kind: "conversation", object_id };
        audit::record(&mut tx, Some(caller.tenant), &caller.caller, change, (item.previous.as_ref(), Some(&body.action))).await?;
    }
    let answer = request.finish(&mut tx, StatusCode::OK, &ChangedMany { dry_run: body.dry_run, items }).await?;
    if body.dry_run {
        // What was tried, the key of this request included, never happened.
        drop(tx);
        return Ok(answer);
    }
    let news = news(&mut tx, &ids).await?;
    tx.commit().await?;
    tell(&brain, &news, &body.action).await;
    Ok(answer)
}

async fn chosen(
    tx: &mut TenantTx,
    caller: &TenantCaller,
    ids: Option<Vec<Uuid>>,
    filter: Option<ListFilter>,
) -> Result<Vec<ConversationId>, ApiError> {
    let Some(filter) = filter else { return Ok(ids.unwrap_or_default().into_iter().map(ConversationId).collect()) };
    let me = caller.caller.user().map_or(Uuid::nil(), |user| user.0);
    let view = filter.view;
    let filter = filter.resolve(tx).await?;
    let most = i64::try_from(MOST).unwrap_or(100);
    let rows = list(tx, view, me, &filter, None, most).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// The counter of each that is there.
async fn news(tx: &mut TenantTx, ids: &[ConversationId]) -> Result<Vec<live::LiveEvent>, ApiError> {
    let mut news = Vec::with_capacity(ids.len());
    for id in ids {
        if let Ok(revision) = revision(tx, *id).await {
            news.push(updated(tx.tenant(), *id, revision));
        }
    }
    Ok(news)
}

async fn tell(brain: &Brain, news: &[live::LiveEvent], action: &BulkAction) {
    live::publish(&brain.redis, news).await;
    if matches!(action, BulkAction::Return) {
        brain.redis.wake(Topic::Turns).await;
    }
}
