//! Latencies of one measurement, and how they are printed.

use std::time::Duration;

/// What a stretch of load came to.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    sorted: Vec<Duration>,
    elapsed: Duration,
}

impl Measured {
    pub(crate) fn new(mut latencies: Vec<Duration>, elapsed: Duration) -> Self {
        latencies.sort_unstable();
        Self { sorted: latencies, elapsed }
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.sorted.len() as f64 / self.elapsed.as_secs_f64()
    }

    pub(crate) fn percentile(&self, percent: f64) -> Duration {
        let last = self.sorted.len().saturating_sub(1);
        let index = (last as f64 * percent / 100.0).round() as usize;
        self.sorted.get(index).copied().unwrap_or_default()
    }

    /// "12345 /s   p50 1.23 ms   p99 4.56 ms"
    pub(crate) fn line(&self) -> String {
        let milliseconds = |percent| self.percentile(percent).as_secs_f64() * 1000.0;
        format!("{:>8.0} /s   p50 {:>7.2} ms   p99 {:>7.2} ms", self.per_second(), milliseconds(50.0), milliseconds(99.0))
    }
}

/// The run with the median throughput.
pub(crate) fn median(mut runs: Vec<Measured>) -> Measured {
    runs.sort_by(|a, b| a.per_second().total_cmp(&b.per_second()));
    let middle = runs.len() / 2;
    runs.swap_remove(middle)
}
