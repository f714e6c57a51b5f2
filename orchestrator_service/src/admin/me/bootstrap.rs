//! Everything a screen needs before it can show anything, in one answer.

use axum::extract::State;
use chrono::{DateTime, Utc};
use nexus_core::ids::TenantId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::profile::{Me, describe};
use crate::admin::api_error::ApiError;
use crate::admin::extract::{Query, Validate};
use crate::admin::guard::Awake;
use crate::auth::SignedIn;
use crate::inbox::conversations::counts::{Counts, counts};
use crate::routes::AppState;
use crate::tenants::lifecycle::{self, Tenant};

/// The business to begin with.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::admin) struct Begin {
    /// Usually the first one belongs to.
    tenant_id: Option<Uuid>,
}

impl Validate for Begin {}

/// What a screen begins with.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct Bootstrap {
    /// Who is signed in, where they belong, what they may do there.
    me: Me,
    /// The business to begin with; null for somebody who belongs nowhere.
    tenant: Option<Tenant>,
    /// How many conversations each view of that business holds.
    counts: Option<Counts>,
    /// What this installation can do.
    flags: Flags,
    /// The server.
    server: Server,
}

/// What this installation can do.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct Flags {
    /// Whether it sends mails.
    has_mail: bool,
    /// Whether an identity provider signs people in.
    has_oidc: bool,
    /// Whether assistants of businesses without a key of their own have a model.
    has_model: bool,
}

/// The server.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct Server {
    /// Its clock, for screens whose own is wrong.
    time: DateTime<Utc>,
    /// Its build; another one than the page's means: load the page again.
    version: &'static str,
}

/// What a screen begins with
#[utoipa::path(get, path = "/bootstrap", tag = "me", operation_id = "bootstrap", params(Begin),
    responses((status = 200, body = Bootstrap),
        (status = 404, description = "One does not belong there.", body = crate::admin::api_error::Problem,
            content_type = "application/problem+json")))]
pub(super) async fn read(
    State(state): State<AppState>,
    Awake(brain): Awake,
    signed_in: SignedIn,
    Query(begin): Query<Begin>,
) -> Result<axum::Json<Bootstrap>, ApiError> {
    let me = describe(&brain.db, signed_in.user, signed_in.session).await?;
    let wanted = begin.tenant_id.map(TenantId);
    let is_allowed = wanted.is_none_or(|tenant| signed_in.is_superadmin || me.belongs_to(tenant));
    let (mut tenant, mut view_counts) = (None, None);
    if let Some(id) = wanted.filter(|_| is_allowed).or_else(|| me.first_tenant()) {
        let mut tx = brain.db.tenant(id).await?;
        tenant = lifecycle::find(&mut tx).await?;
        view_counts = Some(counts(&mut tx, signed_in.user.0).await?);
    }
    if wanted.is_some() && (!is_allowed || tenant.is_none()) {
        return Err(ApiError::NotFound("tenant"));
    }
    let flags =
        Flags { has_mail: brain.mailer.is_some(), has_oidc: state.access.oidc.is_some(), has_model: brain.model.has_key() };
    let server = Server { time: Utc::now(), version: env!("CARGO_PKG_VERSION") };
    Ok(axum::Json(Bootstrap { me, tenant, counts: view_counts, flags, server }))
}
