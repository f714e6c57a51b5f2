//! The operator's commands, run as programs against a living installation.

use devstack::Stack;
use serde_json::{Value, json};

use crate::world::{CLINIC, LUCIA, builder, count, count_becomes, model_says, quiet, start, texts};

async fn run_json(stack: &Stack, args: &[&str]) -> Value {
    serde_json::from_str(&stack.brain_command(args).await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_tenant_is_made_listed_suspended_exported_and_erased_from_the_command_line() {
    let stack = start(builder("commands")).await;
    let made =
        run_json(&stack, &["tenant", "create", "--name", "Óptica Sur", "--language", "pt", "--time-zone", "America/Sao_Paulo"])
            .await;
    let id = made["id"].as_str().unwrap().to_owned();
    let with_number = run_json(&stack, &["tenant", "create", "--name", "Kiosco", "--phone", "+5491155550999"]).await;
    assert_eq!((&with_number["is_new"], &with_number["assistant_version"]), (&json!(true), &json!(1)));
    let listed = stack.brain_command(&["tenant", "list"]).await.unwrap();
    assert!(
        listed.lines().any(|line| line.starts_with(&id) && line.contains("active") && line.ends_with("Óptica Sur")),
        "{listed}"
    );
    assert!(run_json(&stack, &["tenant", "suspend", &id]).await["suspended_at"].is_string());
    assert!(run_json(&stack, &["tenant", "show", &id]).await["suspended_at"].is_string());
    assert!(run_json(&stack, &["tenant", "resume", &id]).await["suspended_at"].is_null());
    let bad = stack.brain_command(&["tenant", "create", "--name", " ", "--language", "fr"]).await.unwrap_err().to_string();
    assert!(bad.contains("name must not be blank") && bad.contains("language must be"), "{bad}");

    // What the clinic has is written out, what is secret about it is not, and nothing of the others.
    stack.sim().inbound_with(&json!({ "from": LUCIA, "to": CLINIC, "text": "hola, soy Lucía", "wait": true })).await.unwrap();
    quiet(&stack).await;
    let clinic = run_json(&stack, &["tenant", "list", "--json"]).await;
    let clinic = clinic.as_array().unwrap().iter().find(|tenant| tenant["name"] == "Clínica Sonrisas").unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let file = stack.dir().join("export.jsonl");
    stack.brain_command(&["tenant", "export", &clinic, "--to", file.to_str().unwrap()]).await.unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(rows.iter().any(|row| row["table"] == "chat_messages" && row["row"]["body"] == "hola, soy Lucía"));
    assert!(rows.iter().any(|row| row["table"] == "channels"));
    for absent in ["Kiosco", "Óptica", "webhook_key", "sealed"] {
        assert!(!text.contains(absent), "{absent} is in the export");
    }

    let refused = stack.brain_command(&["tenant", "erase", &id, "--confirm-name", "Optica"]).await.unwrap_err().to_string();
    assert!(refused.contains("--confirm-name"), "{refused}");
    stack.brain_command(&["tenant", "erase", &id, "--confirm-name", "Óptica Sur"]).await.unwrap();
    assert_eq!(count(&stack, "SELECT count(*) FROM tenants WHERE name = 'Óptica Sur'").await, 0);
    assert_eq!(count(&stack, "SELECT count(*) FROM audit_log WHERE action = 'tenant.erased'").await, 1);
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn what_failed_is_counted_and_replayed_from_the_command_line() {
    let stack = start(builder("replay")).await;
    let run = async |args: &[&str]| stack.brain_command(&[&["replay"], args].concat()).await.unwrap();
    // A number nobody has yet: parked, and good once the tenant is there.
    let stranger = "+5491155550202";
    stack.sim().inbound_with(&json!({ "from": LUCIA, "to": stranger, "text": "¿abren hoy?", "wait": true })).await.unwrap();
    count_becomes(&stack, "SELECT count(*) FROM webhook_events WHERE state = 'parked'", 1).await;
    assert_eq!(run(&["webhooks", "--dry-run"]).await, "1 parked events to replay");
    assert_eq!(run(&["webhooks", "--reason", "another"]).await, "0 parked events to replay");
    assert_eq!(count(&stack, "SELECT count(*) FROM webhook_events WHERE state = 'parked'").await, 1);
    stack.brain_command(&["tenant", "create", "--name", "Mate y Cuero", "--phone", stranger]).await.unwrap();
    model_says(&stack, &["Sí, hasta las ocho."]).await;
    assert!(run(&["webhooks"]).await.ends_with("1 replayed, 0 left"));
    quiet(&stack).await;
    assert_eq!(texts(&stack, LUCIA).await, ["Sí, hasta las ocho."]);

    sqlx::query(
        "INSERT INTO jobs (tenant_id, id, kind, payload, state, attempts, last_error, dedupe_key, finished_at)
         SELECT id, gen_random_uuid(), 'kind_of_nobody', '{}', 'dead', 9, 'boom', 'k', now() FROM tenants",
    )
    .execute(stack.pool())
    .await
    .unwrap();
    assert_eq!(run(&["jobs", "--kind", "kind_of_nobody", "--dry-run"]).await, "2 dead jobs to try again");
    assert!(run(&["jobs", "--kind", "kind_of_nobody"]).await.ends_with("2 tried again"));

    sqlx::query("UPDATE chat_messages SET status = 'failed', error_code = '131026' WHERE direction = 'outbound'")
        .execute(stack.pool())
        .await
        .unwrap();
    assert_eq!(run(&["outbox", "--error-code", "1"]).await, "0 messages to send again");
    assert_eq!(run(&["outbox", "--status", "unknown"]).await, "0 messages to send again");
    assert_eq!(run(&["outbox", "--dry-run"]).await, "1 messages to send again");
    assert!(run(&["outbox"]).await.ends_with("1 sent again, 0 could not be"));
    assert_eq!(run(&["outbox"]).await, "0 messages to send again", "nothing is sent a third time");
    count_becomes(&stack, "SELECT count(*) FROM outbox WHERE state = 'sent'", 2).await;
    assert_eq!(texts(&stack, LUCIA).await.len(), 2);
    stack.stop().await.unwrap();
}
