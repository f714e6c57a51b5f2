//! Everything the program remembers, in one place that handlers and background tasks share.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::Semaphore;

use crate::{
    config::Config, faults::Faults, oidc::Oidc, openai::OpenAi, phone::events::PhoneEvents, smtp::store::Mailbox, ycloud::YCloud,
};

/// A burst must not open more connections than either side has file descriptors.
const WEBHOOKS_AT_ONCE: usize = 400;

pub(crate) struct Sim {
    config: Mutex<Config>,
    pub(crate) base_url: String,
    pub(crate) faults: Faults,
    pub(crate) ycloud: YCloud,
    pub(crate) openai: OpenAi,
    pub(crate) oidc: Oidc,
    pub(crate) mailbox: Mutex<Mailbox>,
    pub(crate) phone: PhoneEvents,
    pub(crate) http: reqwest::Client,
    pub(crate) webhook_slots: Semaphore,
    epoch: AtomicU64,
}

impl Sim {
    pub(crate) fn new(config: Config, base_url: String) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            // A redirect counts as a failed delivery.
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(256)
            .pool_idle_timeout(Duration::from_secs(20))
            .no_proxy()
            .build()?;
        Ok(Self {
            config: Mutex::new(config),
            base_url,
            faults: Faults::default(),
            ycloud: YCloud::new(),
            openai: OpenAi::new(),
            oidc: Oidc::default(),
            mailbox: Mutex::new(Mailbox::new()),
            phone: PhoneEvents::new(),
            http,
            webhook_slots: Semaphore::new(WEBHOOKS_AT_ONCE),
            epoch: AtomicU64::new(0),
        })
    }

    pub(crate) fn config(&self) -> MutexGuard<'_, Config> {
        lock(&self.config)
    }

    /// Changes with every reset; background work of an older epoch ends itself.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Forgets what happened; keeps how the world is configured.
    pub(crate) fn reset(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        self.faults.clear();
        self.ycloud.clear();
        self.openai.clear();
        self.oidc.clear();
        lock(&self.mailbox).clear();
        self.phone.resync();
    }
}

/// A panic elsewhere must not take the state down with it: nothing here is left half written.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
