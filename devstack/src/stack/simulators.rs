//! The simulators as a process: they take any free port and print where they are.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::{
    process::{Process, ProcessSpec},
    secrets::Secrets,
};

const START_DEADLINE: Duration = Duration::from_secs(30);

/// The running simulators.
#[derive(Debug)]
pub struct Simulators {
    /// Their process.
    pub process: Process,
    /// Base URL of everything they serve over HTTP.
    pub http: String,
    /// Host of the SMTP sink.
    pub smtp_host: String,
    /// Port of the SMTP sink.
    pub smtp_port: u16,
}

/// What they are told.
pub(super) struct Orders<'a> {
    pub(super) port: u16,
    pub(super) webhook_url: String,
    pub(super) secrets: &'a Secrets,
    pub(super) businesses: &'a [(String, String)],
    pub(super) extra: &'a [String],
}

#[derive(Deserialize)]
struct Announcement {
    http: String,
    smtp: String,
}

impl Simulators {
    pub(super) async fn start(program: PathBuf, dir: PathBuf, orders: Orders<'_>) -> Result<Self> {
        let Orders { port, webhook_url, secrets, businesses, extra } = orders;
        let mut args = vec![
            format!("--listen=127.0.0.1:{port}"),
            "--smtp=127.0.0.1:0".into(),
            format!("--webhook-url={webhook_url}"),
            format!("--webhook-secret={}", secrets.webhook_secret),
            format!("--api-key={}", secrets.ycloud_api_key),
            format!("--openai-key={}", secrets.openai_api_key),
        ];
        args.extend(businesses.iter().map(|(phone, name)| format!("--business-number={phone}={name}")));
        args.extend_from_slice(extra);
        let spec = ProcessSpec {
            name: "simulators".into(),
            program,
            args: args.into_iter().map(Into::into).collect(),
            env: BTreeMap::from([("RUST_LOG".into(), "info".into())]),
            dir,
            separate_stdout: true,
            ..ProcessSpec::default()
        };
        let process = Process::spawn(&spec).await?;
        let line = process.first_line(START_DEADLINE).await?;
        let Announcement { http, smtp } =
            serde_json::from_str(&line).with_context(|| format!("the simulators announce {line:?}"))?;
        let (host, smtp_port) = smtp.rsplit_once(':').context("the simulators' SMTP address has no port")?;
        Ok(Self { process, http, smtp_host: host.to_owned(), smtp_port: smtp_port.parse()? })
    }
}
