//! Statuses are observations; what is shown only moves forward.

use devstack::{Stack, eventually};
use serde_json::json;

use crate::world::{CLINIC, LUCIA, PATIENCE, builder, count, model_says, quiet, sends, start};

async fn status_of_the_answer(stack: &Stack) -> String {
    let sql = "SELECT status::text FROM chat_messages WHERE direction = 'outbound'";
    sqlx::query_scalar(sql).fetch_one(stack.pool()).await.unwrap()
}

async fn answered(name: &str, config: serde_json::Value) -> (Stack, String) {
    let stack = start(builder(name)).await;
    stack.sim().configure(&config).await.unwrap();
    model_says(&stack, &["Hola"]).await;
    stack.sim().inbound(LUCIA, CLINIC, "hola").await.unwrap();
    let id = eventually(PATIENCE, "the answer", async || {
        let sends = sends(&stack, LUCIA).await;
        sends.first().map(|send| send["id"].as_str().unwrap().to_owned())
    });
    let id = id.await.unwrap();
    (stack, id)
}

/// Sends the statuses in this order, each after the last was stored, and tells what is shown in the end.
async fn shown_after(name: &str, statuses: &[&str]) -> String {
    let (stack, id) = answered(name, json!({ "auto_statuses": false })).await;
    quiet(&stack).await;
    for (index, status) in statuses.iter().enumerate() {
        let mut event = json!({ "id": id, "status": status });
        if *status == "failed" {
            event["error"] = json!("131026");
        }
        stack.sim().status(&event).await.unwrap();
        crate::world::count_becomes(
            &stack,
            "SELECT count(*) FROM message_status_observations",
            i64::try_from(index).unwrap() + 1,
        )
        .await;
    }
    let shown = status_of_the_answer(&stack).await;
    stack.stop().await.unwrap();
    shown
}

#[tokio::test]
async fn delivered_after_read_stays_read() {
    assert_eq!(shown_after("st_read", &["sent", "read", "delivered"]).await, "read");
}

#[tokio::test]
async fn failed_after_delivered_stays_delivered() {
    assert_eq!(shown_after("st_failed", &["sent", "delivered", "failed"]).await, "delivered");
}

#[tokio::test]
async fn delivered_after_failed_shows_delivered() {
    assert_eq!(shown_after("st_late", &["failed", "delivered"]).await, "delivered");
}

#[tokio::test]
async fn a_status_that_comes_before_the_answer_to_the_send_is_not_lost() {
    let (stack, _) = answered("st_early", json!({ "status_before_response": true })).await;
    eventually(PATIENCE, "delivered", async || (status_of_the_answer(&stack).await == "delivered").then_some(())).await.unwrap();
    quiet(&stack).await;
    assert_eq!(count(&stack, "SELECT count(*) FROM chat_messages").await, 2);
    assert_eq!(count(&stack, "SELECT count(*) FROM outbox WHERE state = 'sent' AND provider_message_id IS NOT NULL").await, 1);
    assert_eq!(count(&stack, "SELECT control_epoch FROM chat_conversations").await, 0, "our own send is no takeover");
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn a_message_from_the_providers_console_takes_over_and_a_campaign_does_not() {
    let (stack, _) = answered("st_foreign", json!({})).await;
    quiet(&stack).await;
    let foreign = |id: &str, kind: &str| {
        json!({ "body": {
            "id": format!("evt_{id}"), "type": "whatsapp.message.updated", "apiVersion": "v2",
            "whatsappMessage": {
                "id": id, "wamid": format!("wamid.{id}"), "from": CLINIC, "to": LUCIA, "type": kind, "status": "sent",
                kind: { "body": "te escribe Marta", "name": "promo" }
            }
        }})
    };
    stack.sim().event(&foreign("campaign01", "template")).await.unwrap();
    crate::world::count_becomes(&stack, "SELECT count(*) FROM chat_messages WHERE author = 'system'", 1).await;
    assert_eq!(count(&stack, "SELECT control_epoch FROM chat_conversations").await, 0);
    stack.sim().event(&foreign("console001", "text")).await.unwrap();
    crate::world::count_becomes(&stack, "SELECT count(*) FROM chat_messages WHERE author = 'provider_inbox'", 1).await;
    assert_eq!(count(&stack, "SELECT control_epoch FROM chat_conversations WHERE handled_by = 'agent'").await, 1);
    stack.stop().await.unwrap();
}
