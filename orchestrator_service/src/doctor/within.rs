//! Deadlines: a system that does not answer fails its own check and delays no other.

use std::time::Duration;

use super::finding::{Finding, Kind};
use super::report::Check;

/// One exchange with one system.
pub(super) const STEP: Duration = Duration::from_secs(3);
/// All of one check.
const CHECK: Duration = Duration::from_secs(6);

/// The outcome, or a finding that there was none in time.
pub(super) async fn deadline<T>(name: &str, work: impl Future<Output = T>) -> Result<T, Check> {
    let timed_out = |_| Check::found(name, Finding::about(Kind::TimedOut, [CHECK.as_secs().to_string()]));
    tokio::time::timeout(CHECK, work).await.map_err(timed_out)
}
