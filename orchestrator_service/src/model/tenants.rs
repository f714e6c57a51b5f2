//! The models of businesses that bring their own key. A business that has one never falls back to the installation's:
//! somebody else would pay.

use std::time::Duration;

use moka::future::Cache;
use nexus_core::ids::TenantId;
use nexus_core::targets::Targets;
use nexus_core::telemetry::error_chain;
use nexus_core::tenancy::{Db, TenantTx};
use nexus_core::vault::Vault;

use super::{Model, ModelError, OPENAI_URL, client};
use crate::integrations::finding::Finding;
use crate::integrations::settings::{IntegrationSettings, OpenAiSettings};
use crate::integrations::{self, Integration, IntegrationError, IntegrationKind};

/// A client is a few kilobytes; businesses beyond this number are opened anew at each turn.
const MOST_KEPT: u64 = 1_024;
const KEPT_FOR: Duration = Duration::from_secs(60 * 60);

/// Whose model it is, and from which version of its settings it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Owner {
    tenant: TenantId,
    revision: i64,
}

/// Clients by business and version: an edit makes a new version, and the old client goes unused.
#[derive(Debug)]
pub(super) struct OwnModels {
    http: reqwest::Client,
    targets: Targets,
    kept: Cache<Owner, Model>,
}

impl OwnModels {
    pub(super) fn new(targets: Targets, connect: Duration, total: Duration) -> Result<Self, reqwest::Error> {
        let kept = Cache::builder().max_capacity(MOST_KEPT).time_to_idle(KEPT_FOR).build();
        Ok(Self { http: targets.client(connect, total)?, targets, kept })
    }

    fn open(&self, integration: &Integration, owner: Owner, default_model: &str) -> Model {
        let read = IntegrationSettings::read(IntegrationKind::OpenAi, &integration.settings).ok();
        // What was entered under other rules must not be called under these.
        let settings = match read.filter(|settings| settings.mistakes(self.targets).is_empty()) {
            Some(IntegrationSettings::OpenAi(settings)) => settings,
            _ => return Model::silent(owner, default_model),
        };
        let OpenAiSettings { base_url, model } = settings;
        let base_url = base_url.as_deref().unwrap_or(OPENAI_URL).trim_end_matches('/');
        let client = integration.secret.as_ref().map(|key| client(&self.http, base_url, key));
        let default_model = model.unwrap_or_else(|| default_model.to_owned());
        Model { client, default_model, own: None, owner: Some(owner) }
    }
}

impl Model {
    /// The model that answers for a business: its own, or else this one.
    pub async fn of_tenant(&self, db: &Db, vault: &Vault, tenant: TenantId) -> Result<Self, sqlx::Error> {
        let Some(own) = &self.own else { return Ok(self.clone()) };
        let mut tx = db.tenant(tenant).await?;
        let Some(revision) = revision(&mut tx).await? else { return Ok(self.clone()) };
        let owner = Owner { tenant, revision };
        if let Some(kept) = own.kept.get(&owner).await {
            return Ok(kept);
        }
        let model = match integrations::open(&mut tx, vault, IntegrationKind::OpenAi).await {
            Ok(Some(integration)) => {
                let owner = Owner { tenant, revision: integration.revision };
                own.open(&integration, owner, &self.default_model)
            }
            Ok(None) => return Ok(self.clone()),
            Err(IntegrationError::Database(error)) => return Err(error),
            Err(error @ IntegrationError::Vault(_)) => {
                tracing::error!(tenant_id = %tenant, error = error_chain(&error), "the key of a business's model does not open");
                return Ok(Self::silent(owner, &self.default_model));
            }
        };
        if let Some(owner) = model.owner {
            own.kept.insert(owner, model.clone()).await;
        }
        Ok(model)
    }

    /// A model of a business's own that cannot be asked.
    fn silent(owner: Owner, default_model: &str) -> Self {
        Self { client: None, default_model: default_model.to_owned(), own: None, owner: Some(owner) }
    }

    /// Shows a refusal to the business whose key it is; what passes by itself is not worth showing.
    pub async fn report(&self, db: &Db, error: &ModelError) -> Result<(), sqlx::Error> {
        let finding = match error {
            ModelError::BadKey => Finding::KeyRefused,
            ModelError::QuotaExhausted => Finding::NoCredit,
            _ => return Ok(()),
        };
        let Some(owner) = self.owner else { return Ok(()) };
        let mut tx = db.tenant(owner.tenant).await?;
        let found = (finding.state(), finding.to_detail());
        integrations::report_at(&mut tx, IntegrationKind::OpenAi, owner.revision, (found.0, &found.1)).await?;
        tx.commit().await
    }
}

async fn revision(tx: &mut TenantTx) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar("SELECT revision FROM integrations WHERE tenant_id = $1 AND kind = $2")
        .bind(tx.tenant())
        .bind(IntegrationKind::OpenAi)
        .fetch_optional(&mut **tx)
        .await
}
