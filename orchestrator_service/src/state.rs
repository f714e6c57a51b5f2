//! What the parts of the brain share once the database is ready.

use nexus_core::seam::turns::BurstDefaults;
use nexus_core::tenancy::Db;
use nexus_core::vault::Vault;
use nexus_core::wake::Redis;
use tokio_util::task::TaskTracker;

use crate::config::{OutsideSettings, TurnSettings};
use crate::handoff::Mailer;
use crate::live::Hub;
use crate::model::Model;
use crate::tools::Registry;

/// The shared handles; used behind an `Arc`.
pub struct Brain {
    /// Postgres.
    pub db: Db,
    /// Seals and opens what is secret about a tenant.
    pub vault: Vault,
    /// Wake-ups and hints.
    pub redis: Redis,
    /// Live events for the screens.
    pub live: Hub,
    /// The model.
    pub model: Model,
    /// The tools of this build.
    pub tools: Registry,
    /// Handoff mail; `None` when SMTP is not configured.
    pub mailer: Option<Mailer>,
    /// Where the systems outside are, and which addresses a business may enter.
    pub outside: OutsideSettings,
    /// Where people open the UI.
    pub platform_url: Option<String>,
    /// How turns are taken.
    pub turns: TurnSettings,
    /// Scales the delays between tries of a job.
    pub job_retry_scale: f64,
    /// Everything that must end before the process does.
    pub tasks: TaskTracker,
}

impl Brain {
    /// The burst window of tenants without their own; the ceiling leaves room for three more messages.
    #[must_use]
    pub fn burst_defaults(&self) -> BurstDefaults {
        let window = self.turns.burst_window;
        BurstDefaults { window, ceiling: window * 10 / 3 }
    }
}
