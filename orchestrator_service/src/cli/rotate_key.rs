//! `rotate-credentials-key`.

use anyhow::ensure;

use super::say;
use crate::config::Config;
use crate::key_rotation::{self, Report, Rotated};
use crate::startup;

/// Seals everything anew and says how much there was.
pub(super) async fn run(config: &Config) -> anyhow::Result<()> {
    let vault = config.vault()?;
    let db = startup::prepare(&config.stores, startup::pool(&config.stores)?).await?;
    let Report { credentials, second_factors } = key_rotation::rotate(&db, &vault).await?;
    for (name, Rotated { resealed, current, unreadable }) in [("credentials", credentials), ("second factors", second_factors)] {
        say(format!("{name}: {resealed} sealed anew, {current} already were, {unreadable} open with neither key"))?;
    }
    let lost = credentials.unreadable + second_factors.unreadable;
    ensure!(lost == 0, "{lost} cannot be opened; is CREDENTIALS_KEY_PREVIOUS the key they were sealed with?");
    Ok(())
}
