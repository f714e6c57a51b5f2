//! Tenants of a running stack, created the way an operator does it: with the brain's own command.

use std::{
    process::{Output, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use serde::Serialize;
use tokio::{process::Command, time::timeout};

use super::Stack;
use crate::secrets;

const DEADLINE: Duration = Duration::from_secs(60);

impl Stack {
    /// Creates the tenant that `description` describes, or updates the one that has its phone number.
    /// Returns what the command printed.
    pub async fn apply_tenant(&self, description: &impl Serialize) -> Result<String> {
        let file = self.dir().join(format!("tenant-{}.json", secrets::token(4)));
        std::fs::write(&file, serde_json::to_vec_pretty(description)?)?;
        let answer = self.brain_command(&["tenant", "apply", &file.display().to_string()]).await;
        let _ = std::fs::remove_file(&file);
        answer
    }

    /// Runs the brain's program with its own environment and these arguments, to its end.
    pub async fn brain_command(&self, args: &[&str]) -> Result<String> {
        let output = self.brain_output(args, &[]).await?;
        if !output.status.success() {
            let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            bail!("orchestrator_service {} failed ({}):\n{stdout}{stderr}", args.join(" "), output.status);
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// The same with a changed environment, whatever its outcome. An empty value counts as not set.
    pub async fn brain_output(&self, args: &[&str], env: &[(&str, &str)]) -> Result<Output> {
        let spec = self.brain.spec();
        let mut command = Command::new(&spec.program);
        command.args(args).current_dir(&spec.dir).env_clear();
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.envs(&spec.env).envs(env.iter().copied()).stdin(Stdio::null()).kill_on_drop(true);
        timeout(DEADLINE, command.output())
            .await
            .with_context(|| format!("orchestrator_service {} does not end", args.join(" ")))?
            .context("cannot run the brain's program")
    }
}
