//! The figures of the inbox, as ratios to the read by primary key of the same round.

use crate::bench::latency::Measured;
use crate::bench::median_of;

use super::requests::Route;

const PERCENTILES: [f64; 2] = [50.0, 99.0];

/// What was measured with one amount of messages: for each route, its runs in order.
#[derive(Default)]
pub(crate) struct Stage {
    runs: Vec<(Route, Vec<Measured>)>,
}

impl Stage {
    pub(crate) fn add(&mut self, route: Route, measured: Measured) {
        match self.runs.iter_mut().find(|(known, _)| *known == route) {
            Some((_, runs)) => runs.push(measured),
            None => self.runs.push((route, vec![measured])),
        }
    }

    fn of(&self, route: Route) -> &[Measured] {
        self.runs.iter().find(|(known, _)| *known == route).map_or(&[], |(_, runs)| runs)
    }

    /// The median over the runs.
    fn milliseconds(&self, route: Route, percent: f64) -> f64 {
        median_of(self.of(route).iter().map(|run| run.percentile(percent).as_secs_f64() * 1000.0).collect())
    }

    /// The median of the ratios of neighbours.
    fn ratio(&self, route: Route, percent: f64) -> f64 {
        let seconds = |run: &Measured| run.percentile(percent).as_secs_f64();
        let neighbours = self.of(route).iter().zip(self.of(Route::Message));
        median_of(neighbours.map(|(run, yardstick)| seconds(run) / seconds(yardstick)).collect())
    }
}

/// Everything that was measured.
pub(crate) struct Report {
    pub(crate) messages: [i64; 2],
    pub(crate) stages: [Stage; 2],
    pub(crate) screens: usize,
    pub(crate) delivered: Measured,
    pub(crate) idle_kib: u64,
    pub(crate) loaded_kib: u64,
}

impl Report {
    pub(crate) fn print(&self) {
        let [few, many] = &self.stages;
        println!("medians of the runs at 50 requests/s, all processes on the same cores");
        for (messages, stage) in self.messages.iter().zip(&self.stages) {
            println!("{messages} messages");
            for route in Route::ALL {
                let [p50, p99] = PERCENTILES.map(|percent| stage.milliseconds(route, percent));
                print!("  {:24} p50 {p50:>8.2} ms   p99 {p99:>8.2} ms", route.name());
                if let Some(target) = route.target() {
                    let [p50, p99] = PERCENTILES.map(|percent| stage.ratio(route, percent));
                    print!("   ratio {p50:>6.2} and {p99:>6.2}   (target ≤ {target})");
                }
                println!();
            }
        }
        println!("growth from {} to {} messages (target ≤ 1.3)", self.messages[0], self.messages[1]);
        for route in Route::ALL {
            let growth = PERCENTILES.map(|percent| many.milliseconds(route, percent) / few.milliseconds(route, percent));
            println!("  {:24} p50 {:>8.2}      p99 {:>8.2}", route.name(), growth[0], growth[1]);
        }
        let [p50, p99] = PERCENTILES.map(|percent| self.delivered.percentile(percent).as_secs_f64() * 1000.0);
        println!("one event to {} screens    p50 {p50:>8.2} ms   p99 {p99:>8.2} ms   (target: p99 ≤ 100 ms)", self.screens);
        let mebibytes = |kib: u64| kib as f64 / 1024.0;
        println!(
            "brain memory               {:>8.1} MiB idle (target ≤ 60), {:.1} MiB with {} screens",
            mebibytes(self.idle_kib),
            mebibytes(self.loaded_kib),
            self.screens
        );
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn run(milliseconds: u64) -> Measured {
        Measured::new(vec![Duration::from_millis(milliseconds)], Duration::from_secs(1))
    }

    #[test]
    fn neighbours_are_compared_with_each_other() {
        let mut stage = Stage::default();
        // A slow moment of the machine hits both.
        for (yardstick, list) in [(1, 2), (10, 20), (1, 3)] {
            stage.add(Route::Message, run(yardstick));
            stage.add(Route::Waiting, run(list));
        }
        assert!((stage.ratio(Route::Waiting, 50.0) - 2.0).abs() < 1e-9);
        assert!((stage.milliseconds(Route::Waiting, 99.0) - 3.0).abs() < 1e-9);
    }
}
