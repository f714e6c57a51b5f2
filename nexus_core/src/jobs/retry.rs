//! When to try again: pure functions.

use std::time::Duration;

use rand::Rng as _;

/// Fixed delays between tries; after the last one nothing more is tried.
#[derive(Clone, Debug)]
pub struct RetrySchedule {
    /// The delay after the first failure, the second, …
    pub delays: Vec<Duration>,
}

impl RetrySchedule {
    /// The delay after failure number `attempts` (from 1), or `None` when it is time to give up.
    #[must_use]
    pub fn after(&self, attempts: i32) -> Option<Duration> {
        let index = usize::try_from(attempts.max(1) - 1).ok()?;
        self.delays.get(index).copied()
    }
}

/// Up to a fifth longer, so that what failed together does not come back together. In whole microseconds, because
/// that is how finely Postgres counts: a finer interval is refused when it is bound.
#[must_use]
pub fn with_jitter(delay: Duration) -> Duration {
    let jittered = delay.mul_f64(rand::rng().random_range(1.0..1.2));
    jittered - Duration::from_nanos(u64::from(jittered.subsec_nanos() % 1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_up_after_the_last_delay() {
        let schedule = RetrySchedule { delays: vec![Duration::from_secs(1), Duration::from_secs(5)] };
        assert_eq!(schedule.after(1), Some(Duration::from_secs(1)));
        assert_eq!(schedule.after(2), Some(Duration::from_secs(5)));
        assert_eq!(schedule.after(3), None);
    }

    #[test]
    fn jitter_only_lengthens() {
        for _ in 0..100 {
            let delay = with_jitter(Duration::from_secs(10));
            assert!(delay >= Duration::from_secs(10) && delay < Duration::from_secs(12));
            assert_eq!(delay.subsec_nanos() % 1_000, 0, "Postgres refuses a finer interval");
        }
    }
}
