//! `doctor`.

use std::io::IsTerminal as _;

use clap::{Args as ClapArgs, ValueEnum};
use nexus_core::env::Env;

use super::{say, say_json};
use crate::doctor;
use crate::phrases;

/// How to look, and how to tell.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Where the edge answers, e.g. http://whatsapp_service:8002; without it WHATSAPP_SERVICE_URL
    #[arg(long, value_name = "URL")]
    edge: Option<String>,
    /// Print JSON for programs instead of lines for people
    #[arg(long)]
    json: bool,
    /// The language of the report
    #[arg(long, value_enum, default_value_t = Language::En)]
    language: Language,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Language {
    /// Spanish
    Es,
    /// Portuguese
    Pt,
    /// English
    En,
}

impl From<Language> for phrases::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::Es => Self::Spanish,
            Language::Pt => Self::Portuguese,
            Language::En => Self::English,
        }
    }
}

impl Args {
    /// Prints the report. Answers whether nothing has failed.
    pub(super) async fn run(&self, env: &Env) -> anyhow::Result<bool> {
        let report = doctor::examine(env, self.edge.as_deref()).await?;
        let language = self.language.into();
        if self.json {
            say_json(&report.json(language))?;
        } else {
            // https://no-color.org
            let is_coloured = std::io::stdout().is_terminal() && env.optional("NO_COLOR").is_none();
            say(report.text(language, is_coloured).trim_end())?;
        }
        Ok(report.is_well())
    }
}
