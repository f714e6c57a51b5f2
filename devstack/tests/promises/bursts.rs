//! One answer per burst, in order.

use devstack::{Stack, eventually};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::world::{CLINIC, LUCIA, PATIENCE, builder, count, model_is_asked, quiet, start, texts};

async fn write(stack: &Stack, text: &str) {
    let message = json!({ "from": LUCIA, "to": CLINIC, "text": text, "wait": true });
    stack.sim().inbound_with(&message).await.unwrap();
}

async fn last_prompt(stack: &Stack) -> Vec<String> {
    let requests = stack.sim().model_requests().await.unwrap();
    let last = requests["items"].as_array().unwrap().last().unwrap().clone();
    let messages = last["body"]["messages"].as_array().unwrap().clone();
    messages
        .iter()
        .filter(|message| message["role"] == "user")
        .map(|message| message["content"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn three_fragments_and_a_late_one_get_one_reply_and_the_stale_draft_is_never_sent() {
    let stack = start(builder("burst")).await;
    let script = json!({ "responses": [{ "text": "BORRADOR VIEJO", "hold": true }, { "text": "Respuesta a todo" }] });
    stack.sim().script(&script).await.unwrap();
    for fragment in ["hola", "quería preguntar", "por una limpieza"] {
        write(&stack, fragment).await;
    }
    model_is_asked(&stack).await;
    write(&stack, "y también un blanqueamiento").await;
    count_messages(&stack, 4).await;
    stack.sim().release(&json!({})).await.unwrap();
    quiet(&stack).await;
    assert_eq!(texts(&stack, LUCIA).await, ["Respuesta a todo"]);
    let prompt = last_prompt(&stack).await.join("\n");
    for fragment in ["hola", "quería preguntar", "por una limpieza", "y también un blanqueamiento"] {
        assert!(prompt.contains(fragment), "{prompt}");
    }
    assert_eq!(count(&stack, "SELECT count(*) FROM turns WHERE state = 'superseded'").await, 1);
    assert_eq!(count(&stack, "SELECT count(*) FROM turns WHERE state = 'done'").await, 1);
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn after_two_discarded_drafts_the_third_is_sent() {
    let stack = start(builder("drafts")).await;
    let held: Vec<Value> = ["UNO", "DOS", "TRES", "CUATRO"].iter().map(|text| json!({ "text": text, "hold": true })).collect();
    stack.sim().script(&json!({ "responses": held })).await.unwrap();
    write(&stack, "mensaje 1").await;
    for number in 2..=4 {
        model_is_asked(&stack).await;
        write(&stack, &format!("mensaje {number}")).await;
        count_messages(&stack, number).await;
        stack.sim().release(&json!({ "count": 1 })).await.unwrap();
    }
    model_is_asked(&stack).await;
    stack.sim().release(&json!({})).await.unwrap();
    quiet(&stack).await;
    assert_eq!(texts(&stack, LUCIA).await, ["TRES", "CUATRO"]);
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn a_burst_is_read_in_the_order_of_the_senders_clock() {
    let stack = start(builder("clock").both_env("WHATSAPP_DEBOUNCE_SECONDS", "1.5")).await;
    let now = chrono::Utc::now();
    for (text, seconds_ago) in [("tercero", 1), ("primero", 9), ("segundo", 5)] {
        let sent_at = (now - chrono::TimeDelta::seconds(seconds_ago)).to_rfc3339();
        let message = json!({ "from": LUCIA, "to": CLINIC, "text": text, "send_time": sent_at, "wait": true });
        stack.sim().inbound_with(&message).await.unwrap();
    }
    quiet(&stack).await;
    assert_eq!(last_prompt(&stack).await, ["primero", "segundo", "tercero"]);
    stack.stop().await.unwrap();
}

/// The finishing turn and the arriving message both need the conversation's row. The test holds it, lets both queue up
/// in a known order, and lets go.
async fn finish_and_arrival_meet(name: &str, message_first: bool) -> (Stack, Vec<String>) {
    let stack = start(builder(name)).await;
    let script = json!({ "responses": [{ "text": "PRIMERA", "hold": true }, { "text": "SEGUNDA" }] });
    stack.sim().script(&script).await.unwrap();
    write(&stack, "uno").await;
    model_is_asked(&stack).await;
    let mut lock = stack.pool().begin().await.unwrap();
    sqlx::query("SELECT 1 FROM chat_conversations FOR UPDATE").execute(&mut *lock).await.unwrap();
    if message_first {
        write(&stack, "dos").await;
        waiting_for_a_lock(&mut lock, 1).await;
        stack.sim().release(&json!({})).await.unwrap();
    } else {
        stack.sim().release(&json!({})).await.unwrap();
        waiting_for_a_lock(&mut lock, 1).await;
        write(&stack, "dos").await;
    }
    waiting_for_a_lock(&mut lock, 2).await;
    lock.commit().await.unwrap();
    quiet(&stack).await;
    let texts = texts(&stack, LUCIA).await;
    (stack, texts)
}

async fn waiting_for_a_lock(conn: &mut PgConnection, wanted: i64) {
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    eventually(PATIENCE, "backends to wait for the conversation", async || {
        let found: i64 = sqlx::query_scalar(waiting).fetch_one(&mut *conn).await?;
        anyhow::Ok((found >= wanted).then_some(()))
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_message_that_lands_just_after_the_answer_gets_an_answer_of_its_own() {
    let (stack, texts) = finish_and_arrival_meet("land_after", false).await;
    assert_eq!(texts, ["PRIMERA", "SEGUNDA"]);
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn a_message_that_lands_just_before_the_answer_makes_it_stale() {
    let (stack, texts) = finish_and_arrival_meet("land_before", true).await;
    assert_eq!(texts, ["SEGUNDA"]);
    stack.stop().await.unwrap();
}

async fn count_messages(stack: &Stack, wanted: i64) {
    crate::world::count_becomes(stack, "SELECT count(*) FROM chat_messages WHERE direction = 'inbound'", wanted).await;
}
