//! What a test of an outside system is answered with.

use serde::Serialize;
use utoipa::ToSchema;

use crate::integrations::IntegrationState;
use crate::integrations::finding::{Finding, StepName};
use crate::integrations::probe::Tested;
use crate::phrases::Language;

/// A test, step by step.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TestAnswer {
    /// Whether everything is as it should be.
    ok: bool,
    /// How the outside system is.
    state: IntegrationState,
    /// What was tried, in that order; the test ends where something fails that the rest needs.
    steps: Vec<TestStep>,
}

/// One step of a test.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TestStep {
    /// What was tried.
    name: StepName,
    /// Whether it is as it should be.
    ok: bool,
    /// What was found and what to do, in the language of `Accept-Language`.
    words: String,
    /// How long it took, in milliseconds.
    took_ms: u64,
}

impl TestAnswer {
    pub(super) fn new(tested: &Tested, language: Language) -> Self {
        let steps = tested.0.iter().map(|step| TestStep {
            name: step.name,
            ok: step.finding.is_well(),
            words: step.finding.words(language),
            took_ms: u64::try_from(step.took.as_millis()).unwrap_or(u64::MAX),
        });
        let state = tested.state();
        Self { ok: state == IntegrationState::Working, state, steps: steps.collect() }
    }
}

/// What a stored state says to a reader: a finding in their language, or the words somebody stored.
pub(super) fn words_of(detail: &str, language: Language) -> String {
    Finding::of_detail(detail).map_or_else(|| detail.to_owned(), |finding| finding.words(language))
}
