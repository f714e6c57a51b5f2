//! What customers think of how they were served.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::ConversationPath;
use crate::admin::api_error::ApiError;
use crate::admin::extract::{Path, Query, Validate};
use crate::admin::guard::Awake;
use crate::admin::page::{Page, Paging};
use crate::auth::TenantCaller;
use crate::satisfaction::report::{self, GroupBy, Period, Summary, Survey};

/// A conversation that is asked about more often than this is read elsewhere.
const MOST_OF_ONE: i64 = 50;

/// Which questions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PeriodQuery {
    /// Asked at or after.
    from: Option<DateTime<Utc>>,
    /// Asked before.
    to: Option<DateTime<Utc>>,
    /// Whose work it was.
    user_id: Option<Uuid>,
    /// Which team's.
    team_id: Option<Uuid>,
}

impl Validate for PeriodQuery {}

impl PeriodQuery {
    const fn period(&self) -> Period {
        Period { from: self.from, to: self.to, user: self.user_id, team: self.team_id }
    }
}

/// How it is summed up.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct GroupQuery {
    /// nothing, agent, team or day.
    #[serde(default)]
    #[param(inline)]
    group_by: GroupBy,
}

impl Validate for GroupQuery {}

/// What a contact was asked and said, newest first
#[utoipa::path(get, path = "/tenants/{tenant_id}/conversations/{conversation_id}/surveys", tag = "satisfaction",
    operation_id = "conversations_surveys", params(("conversation_id" = Uuid, Path)), responses((status = 200, body = Vec<Survey>)))]
pub(super) async fn of_conversation(
    Awake(brain): Awake,
    caller: TenantCaller,
    Path(path): Path<ConversationPath>,
) -> Result<axum::Json<Vec<Survey>>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    Ok(axum::Json(report::of_conversation(&mut tx, path.conversation_id, MOST_OF_ONE).await?))
}

/// Every question and its answer, newest first
#[utoipa::path(get, path = "/tenants/{tenant_id}/surveys", tag = "satisfaction", operation_id = "surveys_list",
    params(Paging, PeriodQuery), responses((status = 200, body = Page<Survey>)))]
pub(super) async fn list(
    Awake(brain): Awake,
    caller: TenantCaller,
    paging: Paging,
    Query(query): Query<PeriodQuery>,
) -> Result<axum::Json<Page<Survey>>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let rows = report::list(&mut tx, query.period(), paging.after::<(DateTime<Utc>, Uuid)>()?, paging.fetch()).await?;
    Ok(axum::Json(Page::cut(rows, &paging, |survey| (survey.asked_at, survey.id))))
}

/// The answers summed up
#[utoipa::path(get, path = "/tenants/{tenant_id}/satisfaction", tag = "satisfaction", operation_id = "satisfaction_summary",
    params(PeriodQuery, GroupQuery), responses((status = 200, body = Vec<Summary>)))]
pub(super) async fn summary(
    Awake(brain): Awake,
    caller: TenantCaller,
    Query(query): Query<PeriodQuery>,
    Query(group): Query<GroupQuery>,
) -> Result<axum::Json<Vec<Summary>>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    Ok(axum::Json(report::summary(&mut tx, query.period(), group.group_by).await?))
}
