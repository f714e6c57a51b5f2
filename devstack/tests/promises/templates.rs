//! An approved template leaves when free text may not, and WhatsApp's reports about templates are followed.

use devstack::{Stack, eventually};
use serde_json::{Value, json};

use crate::world::{CLINIC, LUCIA, PATIENCE, builder, count_becomes, sends, start};

/// The operator's script.
struct Script<'a> {
    stack: &'a Stack,
    tenant: String,
}

impl<'a> Script<'a> {
    async fn of(stack: &'a Stack) -> Self {
        let tenant = sqlx::query_scalar("SELECT id::text FROM tenants").fetch_one(stack.pool()).await.unwrap();
        Self { stack, tenant }
    }

    async fn post(&self, path: &str, key: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/api/v1/tenants/{}{path}", self.stack.brain.url(), self.tenant);
        let request = reqwest::Client::new().post(url).bearer_auth(&self.stack.secrets().admin_token);
        let answer = request.header("idempotency-key", key).json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }
}

async fn one(stack: &Stack, sql: &'static str) -> String {
    sqlx::query_scalar(sql).fetch_one(stack.pool()).await.unwrap()
}

async fn report(stack: &Stack, kind: &str, fields: Value) {
    let mut body = json!({ "name": "recordatorio", "language": "es_AR", "report": kind });
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    stack.sim().post("/_sim/ycloud/template", &body).await.unwrap();
}

#[tokio::test]
async fn a_template_leaves_when_the_window_is_closed_and_a_paused_one_does_not() {
    let stack = start(builder("templates")).await;
    let components = json!([{ "type": "BODY", "text": "Hola {{1}}, te esperamos." }]);
    let template = json!({ "name": "recordatorio", "language": "es_AR", "components": components });
    stack.sim().post("/_sim/ycloud/template", &template).await.unwrap();
    stack.sim().inbound(LUCIA, CLINIC, "hola").await.unwrap();
    count_becomes(&stack, "SELECT count(*) FROM outbox WHERE state = 'sent'", 1).await;
    let script = Script::of(&stack).await;
    let channel = one(&stack, "SELECT id::text FROM channels").await;
    assert_eq!(script.post("/template-syncs", "s", &json!({ "channel_id": channel })).await.0, 202);
    count_becomes(&stack, "SELECT count(*) FROM message_templates WHERE status = 'approved'", 1).await;

    sqlx::query("UPDATE chat_conversations SET service_window_ends_at = now() - interval '1 day'")
        .execute(stack.pool())
        .await
        .unwrap();
    let conversation = one(&stack, "SELECT id::text FROM chat_conversations").await;
    let path = format!("/conversations/{conversation}/template-messages");
    let template = one(&stack, "SELECT id::text FROM message_templates").await;
    let body = json!({ "template_id": template, "parameters": { "body": ["Lucía"] } });
    assert_eq!(script.post(&path, "k1", &body).await.0, 201);
    assert_eq!(script.post(&path, "k1", &body).await.0, 201, "the same request again");
    count_becomes(&stack, "SELECT count(*) FROM chat_messages WHERE kind = 'template' AND status = 'delivered'", 1).await;
    let sent: Vec<Value> = sends(&stack, LUCIA).await.into_iter().filter(|send| send["type"] == "template").collect();
    assert_eq!(sent.len(), 1, "sent once");
    assert_eq!(sent[0]["content"]["components"][0]["parameters"][0]["text"], "Lucía");
    assert_eq!(sent[0]["content"]["language"]["code"], "es_AR");

    report(&stack, "category_updated", json!({ "category": "MARKETING", "previousCategory": "UTILITY" })).await;
    count_becomes(&stack, "SELECT count(*) FROM message_templates WHERE category = 'marketing'", 1).await;
    report(&stack, "reviewed", json!({ "status": "PAUSED" })).await;
    count_becomes(&stack, "SELECT count(*) FROM message_templates WHERE status = 'paused'", 1).await;
    let (status, refused) = script.post(&path, "k2", &body).await;
    assert_eq!((status, refused["code"].as_str()), (409, Some("wrong_state")));
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn a_customer_is_asked_how_it_was_and_the_answer_reopens_nothing() {
    let stack = start(builder("satisfaction")).await;
    let script = Script::of(&stack).await;
    let rule = json!({ "satisfaction": { "enabled": true } });
    let url = format!("{}/api/v1/tenants/{}/inbox-policy", stack.brain.url(), script.tenant);
    let put = reqwest::Client::new().put(url).bearer_auth(&stack.secrets().admin_token).header("if-match", "*").json(&rule);
    assert_eq!(put.send().await.unwrap().status(), 200);
    stack.sim().inbound(LUCIA, CLINIC, "hola").await.unwrap();
    count_becomes(&stack, "SELECT count(*) FROM outbox WHERE state = 'sent'", 1).await;
    let conversation = one(&stack, "SELECT id::text FROM chat_conversations").await;
    assert_eq!(script.post(&format!("/conversations/{conversation}/resolve"), "r", &json!({})).await.0, 200);
    eventually(PATIENCE, "the question", async || {
        let asked = sends(&stack, LUCIA).await.into_iter().find(|send| send["type"] == "interactive");
        anyhow::Ok(
            asked.filter(|send| send["content"]["action"]["sections"][0]["rows"].as_array().is_some_and(|rows| rows.len() == 5)),
        )
    })
    .await
    .unwrap();
    let answer = json!({ "from": LUCIA, "to": CLINIC, "type": "interactive",
                         "content": { "type": "list_reply", "list_reply": { "id": "satisfaction:4", "title": "4 · Buena" } } });
    stack.sim().inbound_with(&answer).await.unwrap();
    count_becomes(&stack, "SELECT count(*) FROM satisfaction_surveys WHERE score = 4 AND state = 'answered'", 1).await;
    count_becomes(&stack, "SELECT count(*) FROM chat_conversations WHERE status = 'resolved' AND satisfaction_score = 4", 1)
        .await;
    count_becomes(&stack, "SELECT count(*) FROM turns", 1).await;
    stack.stop().await.unwrap();
}
