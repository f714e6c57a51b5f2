//! Takes the steps of a test one after the other, each with its time, all of them within one bound.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use super::IntegrationState;
use super::finding::{Finding, StepName};

/// Somebody looks at a spinner meanwhile.
pub const LONGEST_TEST: Duration = Duration::from_secs(10);

/// One step of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What was tried.
    pub name: StepName,
    /// What was found.
    pub finding: Finding,
    /// How long it took.
    pub took: Duration,
}

/// A test under way: the steps so far, and until when the rest must be done.
#[derive(Debug)]
pub struct Probe {
    deadline: Instant,
    steps: Vec<Step>,
}

/// A test that has been made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tested(pub Vec<Step>);

impl Probe {
    /// Begins; every step must be done within the bound, [`LONGEST_TEST`] wherever somebody waits for it.
    #[must_use]
    pub fn begin(bound: Duration) -> Self {
        Self { deadline: Instant::now() + bound, steps: Vec::new() }
    }

    /// Takes one step. `Some` is what the next one builds on; `None` ends the test.
    pub async fn step<T>(&mut self, name: StepName, work: impl Future<Output = Result<(Finding, T), Finding>>) -> Option<T> {
        let started = Instant::now();
        let outcome = tokio::time::timeout_at(self.deadline, work).await.unwrap_or(Err(Finding::TooSlow));
        let (finding, found) = match outcome {
            Ok((finding, found)) => (finding, Some(found)),
            Err(finding) => (finding, None),
        };
        self.steps.push(Step { name, finding, took: started.elapsed() });
        found
    }

    /// A step that needed no waiting.
    pub fn note(&mut self, name: StepName, finding: Finding) {
        self.steps.push(Step { name, finding, took: Duration::ZERO });
    }

    /// What was found.
    #[must_use]
    pub fn end(self) -> Tested {
        Tested(self.steps)
    }
}

impl Tested {
    /// What decides: the first step that failed, or the last one.
    #[must_use]
    pub fn verdict(&self) -> Option<&Finding> {
        let failed = self.0.iter().find(|step| !step.finding.is_well());
        failed.or(self.0.last()).map(|step| &step.finding)
    }

    /// How the outside system is.
    #[must_use]
    pub fn state(&self) -> IntegrationState {
        self.verdict().map_or(IntegrationState::Unchecked, Finding::state)
    }

    /// For `state_detail`.
    #[must_use]
    pub fn detail(&self) -> String {
        self.verdict().map(Finding::to_detail).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_test_ends_at_its_bound_and_the_first_failure_decides() {
        let mut probe = Probe::begin(Duration::from_millis(20));
        assert!(probe.step(StepName::SignIn, std::future::ready(Ok((Finding::KeyAccepted, ())))).await.is_some());
        let silent = std::future::pending::<Result<(Finding, ()), Finding>>();
        assert!(probe.step(StepName::Model, silent).await.is_none());
        probe.note(StepName::Webhook, Finding::WebhookMissing);
        let tested = probe.end();
        assert_eq!((tested.verdict(), tested.state()), (Some(&Finding::TooSlow), IntegrationState::Unavailable));
    }
}
