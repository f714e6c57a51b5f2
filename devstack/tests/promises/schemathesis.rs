//! The admin API keeps to its own description: schemathesis reads it and tries every route, with every check it has.
//!
//! `cargo xtask test` installs the program and names it in `NEXUS_SCHEMATHESIS`. What a run found is read with
//! `st replay <id>` in the folder that the failure names.

use std::path::Path;
use std::process::Output;
use std::time::Duration;

use devstack::{Stack, workspace_root};
use serde_json::json;
use tokio::process::Command;

use crate::world::{CLINIC, LUCIA, builder, quiet, start};

const CONFIG: &str = "devstack/tests/promises/schemathesis/schemathesis.toml";
/// A run takes about a minute.
const DEADLINE: Duration = Duration::from_secs(210);

#[tokio::test]
async fn every_route_keeps_to_its_description() {
    let program = std::env::var("NEXUS_SCHEMATHESIS");
    let program = program.expect("NEXUS_SCHEMATHESIS names the program; `cargo xtask test` installs it and says where");
    let stack = start(builder("schemathesis")).await;
    stack.sim().inbound(LUCIA, CLINIC, "hola").await.unwrap();
    quiet(&stack).await;
    let session = superadmin(&stack).await;
    let output = try_out(&stack, Path::new(&program), &session).await;
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{report}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(report.contains("Stateful") && report.contains("No issues found"), "it did not try everything:\n{report}");
    stack.stop().await.unwrap();
}

/// Makes the first superadmin, and answers the token of their session.
async fn superadmin(stack: &Stack) -> String {
    let person = json!({ "email": "ana@example.com", "password": "correct horse battery", "display_name": "Ana" });
    let setup = reqwest::Client::new().post(format!("{}/api/v1/setup", stack.brain.url()));
    let answer = setup.bearer_auth(&stack.secrets().admin_token).json(&person).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    cookie.strip_prefix("nexus_session=").unwrap().split(';').next().unwrap().to_owned()
}

async fn try_out(stack: &Stack, program: &Path, session: &str) -> Output {
    let mut command = Command::new(program);
    command
        .arg("--config-file")
        .arg(workspace_root().join(CONFIG))
        .args(["--no-color", "run", "--checks", "all", "--url", &stack.brain.url()])
        .arg(format!("{}/api/v1/openapi.json", stack.brain.url()))
        // It leaves its notes where it runs.
        .current_dir(stack.dir())
        .env("NEXUS_ADMIN_TOKEN", &stack.secrets().admin_token)
        .env("NEXUS_SESSION", session)
        .kill_on_drop(true);
    for (name, sql) in [
        ("NEXUS_TENANT_ID", "SELECT id::text FROM tenants"),
        ("NEXUS_CONVERSATION_ID", "SELECT id::text FROM chat_conversations"),
        ("NEXUS_MESSAGE_ID", "SELECT id::text FROM chat_messages WHERE direction = 'inbound'"),
        ("NEXUS_CONTACT_ID", "SELECT id::text FROM contacts"),
        (
            "NEXUS_USER_ID",
            "WITH person AS (INSERT INTO users (id, email) VALUES (gen_random_uuid(), 'eva@example.com') RETURNING id)
             INSERT INTO memberships (tenant_id, user_id, role) SELECT t.id, person.id, 'agent' FROM tenants t, person RETURNING user_id::text",
        ),
    ] {
        let id: String = sqlx::query_scalar(sql).fetch_one(stack.pool()).await.unwrap();
        command.env(name, id);
    }
    tokio::time::timeout(DEADLINE, command.output()).await.expect("schemathesis does not end").unwrap()
}
