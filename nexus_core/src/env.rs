//! Reads the environment so that one start reports every mistake: by name, with an example, never with the value.

use std::collections::BTreeMap;
use std::str::FromStr;

use secrecy::SecretString;

/// The exit code for a bad configuration: EX_CONFIG of sysexits.h.
pub const EXIT_CONFIG: u8 = 78;

/// The variables of the process and the mistakes found in them so far.
#[derive(Clone, Debug)]
pub struct Env {
    variables: BTreeMap<String, String>,
    errors: Vec<Mistake>,
}

/// What is wrong with one variable; its value is never part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The variable.
    pub name: String,
    /// What is wrong, as the end of a sentence that begins with the name.
    pub problem: String,
    /// A value that would do.
    pub example: String,
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, problem, example } = self;
        write!(f, "{name} {problem}; for example {name}={example}")
    }
}

/// Every mistake of the environment, one line each.
#[derive(Debug, thiserror::Error)]
#[error("the configuration has {} error(s):\n  {}", .0.len(), .0.iter().map(Mistake::to_string).collect::<Vec<_>>().join("\n  "))]
pub struct EnvErrors(Vec<Mistake>);

impl EnvErrors {
    /// A single mistake, for what is only found after the reading.
    #[must_use]
    pub fn one(name: &str, problem: &str, example: &str) -> Self {
        Self(vec![Mistake { name: name.to_owned(), problem: problem.to_owned(), example: example.to_owned() }])
    }

    /// Each of them.
    #[must_use]
    pub fn mistakes(&self) -> &[Mistake] {
        &self.0
    }
}

impl Env {
    /// The environment of this process.
    #[must_use]
    pub fn of_process() -> Self {
        Self::from_pairs(
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        )
    }

    /// An environment made of pairs; later pairs win.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>) -> Self {
        let variables = pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { variables, errors: Vec::new() }
    }

    /// A text, or `None` when it is missing or blank: an empty line in an env file means "not set".
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<String> {
        self.variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty()).map(str::to_owned)
    }

    /// The first of several names that is set; older names stay valid.
    #[must_use]
    pub fn optional_of(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.optional(name))
    }

    /// A secret, or `None`.
    #[must_use]
    pub fn optional_secret(&self, name: &str) -> Option<SecretString> {
        self.optional(name).map(SecretString::from)
    }

    /// A text that must be there.
    pub fn required(&mut self, name: &str, example: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.refuse(name, "is missing", example);
            String::new()
        })
    }

    /// A secret that must be there.
    pub fn required_secret(&mut self, name: &str, example: &str) -> SecretString {
        SecretString::from(self.required(name, example))
    }

    /// A value that parses, or the default when it is missing.
    pub fn parsed<T: FromStr>(&mut self, name: &str, default: T, example: &str) -> T {
        match self.optional(name).map(|value| value.parse()) {
            None => default,
            Some(Ok(value)) => value,
            Some(Err(_)) => {
                self.refuse(name, "cannot be read", example);
                default
            }
        }
    }

    /// Seconds, with fractions, between 0 and `most`.
    pub fn seconds(&mut self, name: &str, default: f64, most: f64) -> std::time::Duration {
        let seconds: f64 = self.parsed(name, default, &default.to_string());
        if (0.0..=most).contains(&seconds) {
            // Postgres' intervals have microseconds; sqlx refuses a duration that is finer.
            return std::time::Duration::from_secs_f64((seconds * 1e6).round() / 1e6);
        }
        self.refuse(name, &format!("must lie between 0 and {most} seconds"), &default.to_string());
        std::time::Duration::from_secs_f64(default)
    }

    /// Records a mistake that the caller found.
    pub fn refuse(&mut self, name: &str, problem: &str, example: &str) {
        self.errors.push(Mistake { name: name.to_owned(), problem: problem.to_owned(), example: example.to_owned() });
    }

    /// Ends the reading: all the mistakes, or none.
    pub fn finish(self) -> Result<(), EnvErrors> {
        if self.errors.is_empty() { Ok(()) } else { Err(EnvErrors(self.errors)) }
    }
}

#[cfg(test)]
mod tests {
    use super::Env;

    #[test]
    fn one_start_reports_every_mistake_and_no_value() {
        let mut env = Env::from_pairs([("PORT", "hunter2"), ("EMPTY", "  "), ("DELAY", "-1")]);
        env.parsed::<u16>("PORT", 8002, "8002");
        env.required("EMPTY", "something");
        env.required("MISSING", "something");
        env.seconds("DELAY", 6.0, 60.0);
        let report = env.finish().unwrap_err().to_string();
        for name in ["PORT", "EMPTY", "MISSING", "DELAY"] {
            assert!(report.contains(name), "{report}");
        }
        assert!(!report.contains("hunter2"));
    }

    #[test]
    fn older_names_stay_valid() {
        let env = Env::from_pairs([("SMTP_USERNAME", "a")]);
        assert_eq!(env.optional_of(&["SMTP_USER", "SMTP_USERNAME"]).as_deref(), Some("a"));
    }
}
