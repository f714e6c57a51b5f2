//! Testing: really calls the outside system.

use serde::Deserialize;
use utoipa::ToSchema;

use super::KindPath;
use crate::admin::api_error::ApiError;
use crate::admin::extract::{FieldErrors, Json, Path, Validate};
use crate::admin::guard::Awake;
use crate::admin::language::Reads;
use crate::admin::tested::TestAnswer;
use crate::auth::TenantCaller;
use crate::integrations::checks::{Surroundings, check};
use crate::integrations::finding::{Finding, StepName};
use crate::integrations::probe::{Step, Tested};
use crate::integrations::{self, Integration, IntegrationError, IntegrationKind};
use crate::state::Brain;

/// What to try.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TestFields {
    /// Of `google_calendar` only: a calendar whose access is tried too.
    #[schema(min_length = 1, max_length = 254, pattern = r"\S")]
    calendar_id: Option<String>,
}

impl Validate for TestFields {
    fn validate(&self, found: &mut FieldErrors) {
        if let Some(calendar) = &self.calendar_id {
            found.text("calendar_id", calendar, 254);
        }
    }
}

/// Test an outside system
///
/// Calls it for at most ten seconds with what is stored, says step by step what was found, and keeps the result. Of
/// `openai`, the shortest possible answer of the model is paid for: nothing else shows that there is credit.
#[utoipa::path(post, path = "/tenants/{tenant_id}/integrations/{kind}/test", tag = "integrations",
    operation_id = "integrations_test", params(("kind" = IntegrationKind, Path)), request_body = TestFields,
    responses((status = 200, body = TestAnswer)))]
pub(super) async fn test(
    Awake(brain): Awake,
    caller: TenantCaller,
    Reads(language): Reads,
    Path(path): Path<KindPath>,
    Json(fields): Json<TestFields>,
) -> Result<axum::Json<TestAnswer>, ApiError> {
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let stored = integrations::find(&mut tx, Some(path.kind)).await?.pop().ok_or(ApiError::NotFound("integration"))?;
    let opened = integrations::open(&mut tx, &brain.vault, path.kind).await;
    tx.commit().await?;
    let tested = match opened {
        Ok(Some(integration)) => tested(&brain, path.kind, &integration, fields.calendar_id.as_deref()).await,
        Ok(None) => return Err(ApiError::NotFound("integration")),
        Err(IntegrationError::Vault(_)) => secret_lost(),
        Err(error @ IntegrationError::Database(_)) => return Err(error.into()),
    };
    let mut tx = brain.db.tenant(caller.tenant).await?;
    let (state, detail) = (tested.state(), tested.detail());
    integrations::report_at(&mut tx, path.kind, stored.revision, (state, &detail)).await?;
    tx.commit().await?;
    Ok(axum::Json(TestAnswer::new(&tested, language)))
}

async fn tested(brain: &Brain, kind: IntegrationKind, integration: &Integration, calendar: Option<&str>) -> Tested {
    let contact = brain.platform_url.as_deref().unwrap_or("https://nexus.invalid");
    let default_model = brain.model.default_model();
    check(kind, integration, Surroundings { outside: &brain.outside, default_model, contact, calendar }).await
}

fn secret_lost() -> Tested {
    Tested(vec![Step { name: StepName::Settings, finding: Finding::SecretLost, took: std::time::Duration::ZERO }])
}
