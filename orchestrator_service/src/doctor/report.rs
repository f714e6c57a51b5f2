//! What the doctor hands over: one line for each check, for people or for programs.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};

use super::finding::{Finding, State};
use crate::phrases::Language;

/// What became of one check.
#[derive(Clone, Debug)]
pub struct Check {
    /// What was looked at.
    pub name: String,
    /// `None` when all is well.
    pub finding: Option<Finding>,
    /// What was seen, when all is well.
    pub seen: String,
}

impl Check {
    /// All is well.
    pub fn well(name: impl Into<String>, seen: impl Into<String>) -> Self {
        Self { name: name.into(), finding: None, seen: seen.into() }
    }

    /// Something was found.
    pub fn found(name: impl Into<String>, finding: Finding) -> Self {
        Self { name: name.into(), finding: Some(finding), seen: String::new() }
    }

    /// How it ended.
    #[must_use]
    pub fn state(&self) -> State {
        self.finding.as_ref().map_or(State::Ok, |finding| finding.kind.state())
    }
}

/// All checks, in the order in which they are worth reading.
#[derive(Clone, Debug)]
pub struct Report {
    /// The checks.
    pub checks: Vec<Check>,
}

/// One check for programs.
#[derive(Serialize)]
struct Line<'a> {
    name: &'a str,
    state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<super::finding::Kind>,
    #[serde(skip_serializing_if = "String::is_empty")]
    problem: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    remedy: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    seen: &'a str,
}

impl Report {
    /// Whether nothing has failed. Warnings do not count.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.checks.iter().all(|check| check.state() < State::Failed)
    }

    /// For programs.
    #[must_use]
    pub fn json(&self, language: Language) -> Value {
        let lines = self.checks.iter().map(|check| {
            let words = check.finding.as_ref().map(|finding| finding.words(language));
            let (problem, remedy) = words.map(|words| (words.problem, words.remedy)).unwrap_or_default();
            let code = check.finding.as_ref().map(|finding| finding.kind);
            Line { name: &check.name, state: check.state(), code, problem, remedy, seen: &check.seen }
        });
        json!({ "ok": self.is_well(), "checks": lines.collect::<Vec<_>>() })
    }

    /// For people, aligned; coloured when it is a terminal that reads.
    #[must_use]
    pub fn text(&self, language: Language, is_coloured: bool) -> String {
        let width = self.checks.iter().map(|check| check.name.chars().count()).max().unwrap_or_default();
        let mark_width = ALL_STATES.iter().map(|state| mark(*state, language).chars().count()).max().unwrap_or_default();
        let mut text = String::new();
        for check in &self.checks {
            let state = check.state();
            let mark = format!("{:mark_width$}", mark(state, language));
            let mark = if is_coloured { format!("\x1b[{}m{mark}\x1b[0m", colour(state)) } else { mark };
            let words = check.finding.as_ref().map(|finding| finding.words(language));
            let problem = words.as_ref().map_or(check.seen.as_str(), |words| words.problem.as_str());
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{mark}  {:width$}  {problem}", check.name);
            if let Some(words) = words.filter(|words| !words.remedy.is_empty()) {
                let _ = writeln!(text, "{:1$}→ {2}", "", mark_width + width + 4, words.remedy);
            }
        }
        let _ = writeln!(text, "\n{}", self.closing(language));
        text
    }

    fn closing(&self, language: Language) -> String {
        let count = |state| self.checks.iter().filter(|check| check.state() == state).count();
        let (failed, warnings) = (count(State::Failed), count(State::Warning));
        match language {
            Language::Spanish => format!("{failed} con error, {warnings} con advertencia, {} revisados", self.checks.len()),
            Language::Portuguese => format!("{failed} com erro, {warnings} com aviso, {} verificados", self.checks.len()),
            Language::English => format!("{failed} failed, {warnings} warned, {} checked", self.checks.len()),
        }
    }
}

const ALL_STATES: [State; 4] = [State::Ok, State::Skipped, State::Warning, State::Failed];

const fn mark(state: State, language: Language) -> &'static str {
    match (state, language) {
        (State::Ok, _) => "ok",
        (State::Skipped, Language::Spanish) => "omitido",
        (State::Skipped, Language::Portuguese) => "omitido",
        (State::Skipped, Language::English) => "skipped",
        (State::Warning, Language::Spanish) => "advertencia",
        (State::Warning, Language::Portuguese) => "aviso",
        (State::Warning, Language::English) => "warning",
        (State::Failed, Language::Spanish) => "error",
        (State::Failed, Language::Portuguese) => "erro",
        (State::Failed, Language::English) => "failed",
    }
}

/// Of ANSI terminals.
const fn colour(state: State) -> u8 {
    match state {
        State::Ok => 32,
        State::Skipped => 90,
        State::Warning => 33,
        State::Failed => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Kind;

    fn report() -> Report {
        let unreachable = Finding::about(Kind::RedisUnreachable, ["redis:6379"]);
        Report { checks: vec![Check::well("postgres", "15.6"), Check::found("redis", unreachable)] }
    }

    #[test]
    fn a_failure_decides_and_a_warning_does_not() {
        assert!(!report().is_well());
        let warned = Report { checks: vec![Check::found("model", Finding::plain(Kind::ModelKeyMissing))] };
        assert!(warned.is_well());
    }

    #[test]
    fn people_get_aligned_lines_and_colour_only_when_asked() {
        let text = report().text(Language::English, false);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("ok       postgres  15.6"), "{text}");
        assert!(lines[1].starts_with("failed   redis     ") && lines[1].contains("redis:6379"), "{text}");
        assert!(lines[2].trim_start().starts_with("→ "), "{text}");
        assert!(!text.contains('\x1b') && report().text(Language::English, true).contains('\x1b'));
    }

    #[test]
    fn programs_get_the_code_and_the_words() {
        let json = report().json(Language::Portuguese);
        assert_eq!((&json["ok"], &json["checks"][1]["code"]), (&json!(false), &json!("redis_unreachable")));
        assert!(json["checks"][1]["remedy"].as_str().is_some_and(|remedy| !remedy.is_empty()));
    }
}
