//! A child process: its environment, its log, its end.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use devstack::{Process, ProcessSpec};

struct Dir(PathBuf);

impl Dir {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("nexus-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }

    fn shell(&self, script: &str) -> ProcessSpec {
        ProcessSpec {
            name: "shell".into(),
            program: "/bin/sh".into(),
            args: vec!["-c".into(), script.into()],
            env: BTreeMap::from([("GIVEN".into(), "yes".into())]),
            dir: self.0.clone(),
            separate_stdout: true,
            ..ProcessSpec::default()
        }
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn sees_only_the_environment_it_was_given() {
    let dir = Dir::new("env");
    let script = r#"echo "$GIVEN ${CARGO_MANIFEST_DIR:-none} ${PATH:+path}"; sleep 30"#;
    let process = Process::spawn(&dir.shell(script)).await.unwrap();
    let line = process.first_line(Duration::from_secs(5)).await.unwrap();
    assert_eq!(line, "yes none path");
}

#[tokio::test]
async fn a_death_is_told_with_its_status_and_last_words() {
    let dir = Dir::new("death");
    let process = Process::spawn(&dir.shell("echo early >&2; echo last words >&2; exit 78")).await.unwrap();
    let error = process.wait_ready("http://127.0.0.1:9/ready", Duration::from_secs(5)).await.unwrap_err();
    let error = error.to_string();
    assert!(error.contains("78") && error.contains("last words"), "{error}");
    assert_eq!(process.exit_status().unwrap().code(), Some(78));
    assert_eq!(process.log_tail(1), "last words");
}

#[tokio::test]
async fn terminate_asks_first_and_kills_after_the_grace() {
    let dir = Dir::new("terminate");
    let polite = dir.shell("trap 'exit 7' TERM; echo up; while :; do sleep 0.01; done");
    let process = Process::spawn(&polite).await.unwrap();
    process.first_line(Duration::from_secs(5)).await.unwrap();
    assert_eq!(process.terminate(Duration::from_secs(5)).await.code(), Some(7));

    let stubborn = dir.shell("trap '' TERM; echo up; while :; do sleep 0.01; done");
    let process = Process::spawn(&stubborn).await.unwrap();
    process.first_line(Duration::from_secs(5)).await.unwrap();
    assert_eq!(process.terminate(Duration::from_millis(100)).await.code(), None);
}

#[tokio::test]
async fn a_missing_program_is_named() {
    let dir = Dir::new("missing");
    let spec = ProcessSpec { program: "/no/such/program".into(), ..dir.shell("") };
    let outcome = match Process::spawn(&spec).await {
        Err(error) => format!("{error:#}"),
        Ok(process) => process.wait_ready("http://127.0.0.1:9/", Duration::from_secs(5)).await.unwrap_err().to_string(),
    };
    assert!(outcome.contains("/no/such/program"), "{outcome}");
}
