//! An integration as it may be shown.

use chrono::{DateTime, Utc};
use nexus_core::tenancy::TenantTx;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::admin::etag::{ETag, Versioned};
use crate::admin::tested::words_of;
use crate::integrations::{self, IntegrationKind, IntegrationState, Stored};
use crate::phrases::Language;

/// An outside system of the business.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IntegrationView {
    /// Which.
    kind: IntegrationKind,
    /// Whether the business has set it up.
    is_set_up: bool,
    /// What is not secret; its fields depend on the kind. Null when it is not set up.
    #[schema(value_type = Option<Object>)]
    settings: Option<Value>,
    /// The end of the secret. The secret itself is never shown again.
    mask: Option<String>,
    /// How it was when last seen.
    state: IntegrationState,
    /// What was found then and what to do, in the language of `Accept-Language`.
    detail: String,
    /// When it was last seen.
    checked_at: Option<DateTime<Utc>>,
    /// When it last worked.
    worked_at: Option<DateTime<Utc>>,
    /// Which version this is, as in the `ETag`; 0 when it is not set up.
    revision: i64,
    /// When it was last edited.
    updated_at: Option<DateTime<Utc>>,
}

impl IntegrationView {
    fn of(stored: Stored, language: Language) -> Self {
        Self {
            kind: stored.kind,
            is_set_up: true,
            settings: Some(stored.settings),
            mask: stored.mask,
            state: stored.state,
            detail: words_of(&stored.state_detail, language),
            checked_at: stored.checked_at,
            worked_at: stored.worked_at,
            revision: stored.revision,
            updated_at: Some(stored.updated_at),
        }
    }

    /// What is shown of a kind that is not set up: the version that a first `PUT` names.
    const fn missing(kind: IntegrationKind) -> Self {
        Self {
            kind,
            is_set_up: false,
            settings: None,
            mask: None,
            state: IntegrationState::Unchecked,
            detail: String::new(),
            checked_at: None,
            worked_at: None,
            revision: 0,
            updated_at: None,
        }
    }

    pub(super) const fn is_set_up(&self) -> bool {
        self.is_set_up
    }

    pub(super) fn settings(&self) -> Option<&Value> {
        self.settings.as_ref()
    }

    pub(super) const fn has_secret(&self) -> bool {
        self.mask.is_some()
    }

    pub(super) fn versioned(self) -> Versioned<Self> {
        Versioned(ETag::of_revision(self.revision), self)
    }
}

/// Every kind, set up or not.
pub(super) async fn all(tx: &mut TenantTx, language: Language) -> Result<Vec<IntegrationView>, sqlx::Error> {
    let mut stored = integrations::find(tx, None).await?;
    let views = IntegrationKind::ALL.into_iter().map(|kind| {
        let position = stored.iter().position(|stored| stored.kind == kind);
        let found = position.map(|position| stored.swap_remove(position));
        found.map_or_else(|| IntegrationView::missing(kind), |stored| IntegrationView::of(stored, language))
    });
    Ok(views.collect())
}

/// One kind, set up or not.
pub(super) async fn one(tx: &mut TenantTx, kind: IntegrationKind, language: Language) -> Result<IntegrationView, sqlx::Error> {
    let found = integrations::find(tx, Some(kind)).await?.pop();
    Ok(found.map_or_else(|| IntegrationView::missing(kind), |stored| IntegrationView::of(stored, language)))
}
