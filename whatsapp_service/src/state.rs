//! What handlers and workers share; cheap to clone.

use std::ops::Deref;
use std::sync::Arc;

use nexus_core::readiness::Readiness;
use nexus_core::tenancy::Db;
use nexus_core::wake::Redis;

use crate::channels::Channels;
use crate::config::Config;
use crate::journal::Journal;
use crate::providers::ycloud::client::Client;

/// The handles of the running service. One pointer, because it is cloned for every request.
#[derive(Clone)]
pub struct AppState(Arc<Handles>);

impl AppState {
    /// Puts the handles behind one pointer.
    #[must_use]
    pub fn new(handles: Handles) -> Self {
        Self(Arc::new(handles))
    }
}

impl Deref for AppState {
    type Target = Handles;

    fn deref(&self) -> &Handles {
        &self.0
    }
}

/// What stands behind an [`AppState`].
pub struct Handles {
    /// The settings.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// Redis, as long as it is there.
    pub redis: Redis,
    /// The channels and their credentials.
    pub channels: Channels,
    /// The way into the journal.
    pub journal: Journal,
    /// Whether the schema is there.
    pub readiness: Readiness,
    /// The provider.
    pub ycloud: Client,
}
