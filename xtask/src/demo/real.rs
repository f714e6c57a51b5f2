//! Keys in `.env` that replace a simulator by the real provider. Only the file counts: a key that happens to be
//! exported in somebody's shell must not cost money.

use std::{collections::BTreeMap, fs};

use anyhow::{Context, Result};
use devstack::{StackBuilder, workspace_root};

/// The real providers that `.env` has keys for.
#[derive(Default)]
pub(super) struct Settings {
    file: BTreeMap<String, String>,
}

impl Settings {
    pub(super) fn read() -> Result<Self> {
        let path = workspace_root().join(".env");
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Self { file: parse(&text) }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).context("cannot read .env"),
        }
    }

    /// The number of the real WhatsApp account, when there is one.
    pub(super) fn business_number(&self) -> Option<&str> {
        self.has(&["YCLOUD_API_KEY", "YCLOUD_WEBHOOK_SECRET"]).then(|| self.value("BOT_PHONE_NUMBER")).flatten()
    }

    /// What is real, in words.
    pub(super) fn names(&self) -> Vec<&'static str> {
        let whatsapp = self.business_number().map(|_| "WhatsApp (YCloud)");
        let model = self.has(&["OPENAI_API_KEY"]).then_some("model (OpenAI)");
        let mail = self.has(&["SMTP_HOST", "SMTP_FROM"]).then_some("mail (SMTP)");
        whatsapp.into_iter().chain(model).chain(mail).collect()
    }

    /// Points the services to the real providers.
    pub(super) fn apply(&self, mut builder: StackBuilder) -> StackBuilder {
        if self.business_number().is_some() {
            for name in ["YCLOUD_API_KEY", "YCLOUD_WEBHOOK_SECRET", "YCLOUD_API_URL"] {
                builder = match self.value(name) {
                    Some(value) => builder.edge_env(name, value),
                    None => builder.edge_env_remove(name),
                };
            }
        }
        let mut brain = Vec::new();
        if self.has(&["OPENAI_API_KEY"]) {
            brain.extend(["OPENAI_API_KEY", "OPENAI_BASE_URL"]);
            builder = self.value("OPENAI_MODEL").into_iter().fold(builder, |b, model| b.brain_env("OPENAI_MODEL", model));
        }
        if self.has(&["SMTP_HOST", "SMTP_FROM"]) {
            brain.extend(["SMTP_HOST", "SMTP_PORT", "SMTP_USER", "SMTP_PASS", "SMTP_USERNAME", "SMTP_PASSWORD"]);
            brain.extend(["SMTP_SECURITY", "SMTP_FROM"]);
        }
        brain.extend(["GOOGLE_CREDENTIALS", "TIENDANUBE_STORE_ID", "TIENDANUBE_ACCESS_TOKEN"]);
        for name in brain {
            builder = match self.value(name) {
                Some(value) => builder.brain_env(name, value),
                None => builder.brain_env_remove(name),
            };
        }
        builder
    }

    fn has(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.value(name).is_some())
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.file.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// `NAME=value` lines as Docker Compose reads them: comments, `export`, quotes.
fn parse(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.strip_prefix("export ").unwrap_or(line).split_once('='))
        .map(|(name, value)| (name.trim().to_owned(), unquote(value.trim())))
        .collect()
}

fn unquote(value: &str) -> String {
    for quote in ['"', '\''] {
        if let Some((inside, _)) = value.strip_prefix(quote).and_then(|rest| rest.rsplit_once(quote)) {
            return inside.to_owned();
        }
    }
    // A comment needs a space before it; a # inside of a password does not start one.
    value.split(" #").next().unwrap_or(value).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Settings {
        Settings { file: parse(text) }
    }

    #[test]
    fn reads_what_compose_reads() {
        let file = parse("# c\nA=1\nexport B = \"x # y\" # c\nC='q'\nD=p#w # c\nE=\nnonsense\n");
        let pairs: Vec<(&str, &str)> = file.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("A", "1"), ("B", "x # y"), ("C", "q"), ("D", "p#w"), ("E", "")]);
    }

    #[test]
    fn half_a_provider_stays_simulated() {
        assert!(settings("YCLOUD_API_KEY=k\nBOT_PHONE_NUMBER=+549\n").names().is_empty());
        assert!(settings("OPENAI_API_KEY=\n").names().is_empty());
        assert_eq!(settings("OPENAI_API_KEY=sk-x\n").names(), ["model (OpenAI)"]);
        let all = settings("YCLOUD_API_KEY=k\nYCLOUD_WEBHOOK_SECRET=s\nBOT_PHONE_NUMBER=+549\n");
        assert_eq!(all.business_number(), Some("+549"));
    }
}
