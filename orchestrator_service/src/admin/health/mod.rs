//! `GET /tenants/{tenant_id}/health`: everything a business depends on, in one answer. Each part is looked at within a
//! bound, side by side, and fails alone.

mod parts;
mod words;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::api_error::ApiError;
use super::guard::{Awake, Guard};
use super::language::Reads;
use crate::auth::{Permission, TenantCaller};
use crate::routes::AppState;

pub(super) fn routes(guard: &Guard) -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(guard.tenant(Permission::IntegrationsRead, routes!(read)))
}

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum PartKind {
    /// The database.
    Postgres,
    /// Wake-ups and live events; nothing is lost without it.
    Redis,
    /// The service that receives and sends messages.
    Edge,
    /// Who answers for the assistant.
    Model,
    /// Mails about handoffs.
    Mail,
    /// One number.
    Channel,
    /// The shop.
    Shop,
    /// The calendar.
    Calendar,
}

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum PartState {
    /// As it should be.
    Ok,
    /// Nobody has set it up, and nothing needs it.
    NotSetUp,
    /// Nobody has looked yet.
    Unchecked,
    /// It works, and somebody should look.
    Warning,
    /// It does not work.
    Failed,
}

/// One thing a business depends on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Part {
    /// What it is.
    part: PartKind,
    /// Which of several: a channel's id and name.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<uuid::Uuid>,
    /// Which of several, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// How it is.
    state: PartState,
    /// What is wrong and what to do, in the language of `Accept-Language`.
    words: String,
    /// When it was last looked at; null when that was now.
    checked_at: Option<DateTime<Utc>>,
    /// How long the look took, in milliseconds, when it was taken now.
    took_ms: Option<u64>,
}

/// Everything a business depends on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// The worst of the parts.
    state: PartState,
    /// All of them.
    parts: Vec<Part>,
}

/// How everything is that the business depends on
///
/// Channels and outside systems are shown as last seen; their tests look anew.
#[utoipa::path(get, path = "/tenants/{tenant_id}/health", tag = "health", operation_id = "health_read",
    responses((status = 200, body = Health)))]
pub(super) async fn read(
    Awake(brain): Awake,
    caller: TenantCaller,
    Reads(language): Reads,
) -> Result<axum::Json<Health>, ApiError> {
    let (postgres, redis, edge, stored) = tokio::join!(
        parts::postgres(&brain, language),
        parts::redis(&brain, language),
        parts::edge(&brain, language),
        parts::stored(&brain, caller.tenant, language),
    );
    let parts: Vec<Part> = [postgres, redis].into_iter().chain(edge).chain(stored).collect();
    let state = parts.iter().map(|part| part.state).max().unwrap_or(PartState::Ok);
    Ok(axum::Json(Health { state, parts }))
}
