//! The model is down, slow, refuses or talks nonsense: bounded retries, then a person, and it is on record.

use serde_json::{Value, json};

use crate::world::{CLINIC, LUCIA, builder, count, each_send_was_made_once, quiet, start, texts};

/// However the model fails, the conversation goes to a person, once, and the customer is told.
async fn goes_to_a_person(name: &str, fault: Option<Value>, script: Option<Value>) -> usize {
    let stack = start(builder(name).brain_env("MODEL_TIMEOUT_SECONDS", "2")).await;
    if let Some(fault) = &fault {
        stack.sim().fault(fault).await.unwrap();
    }
    if let Some(script) = &script {
        stack.sim().script(script).await.unwrap();
    }
    stack.sim().inbound(LUCIA, CLINIC, "¿tienen turno mañana?").await.unwrap();
    quiet(&stack).await;
    assert_eq!(count(&stack, "SELECT count(*) FROM chat_conversations WHERE handled_by = 'agent'").await, 1, "{name}");
    let kinds: Vec<String> = sqlx::query_scalar("SELECT kind FROM system_events").fetch_all(stack.pool()).await.unwrap();
    assert!(kinds.iter().any(|kind| kind.starts_with("model_") || kind.starts_with("turn_")), "{name}: {kinds:?}");
    assert_eq!(texts(&stack, LUCIA).await.len(), 1, "{name}: the customer is told once");
    assert_eq!(stack.sim().mails().await.unwrap()["total"], 1, "{name}");
    each_send_was_made_once(&stack).await;
    let requests = stack.sim().model_requests().await.unwrap()["items"].as_array().unwrap().len();
    stack.stop().await.unwrap();
    requests
}

fn always(kind: &str, more: Value) -> Option<Value> {
    let mut fault = json!({ "target": "openai.chat", "kind": kind, "times": null });
    for (key, value) in more.as_object().unwrap() {
        fault[key] = value.clone();
    }
    Some(fault)
}

#[tokio::test]
async fn the_model_is_down() {
    let requests = goes_to_a_person("model_down", always("server_error", json!({})), None).await;
    assert!(requests <= 5, "{requests} calls");
}

#[tokio::test]
async fn the_model_resets_every_connection() {
    goes_to_a_person("model_reset", always("reset_before", json!({})), None).await;
}

#[tokio::test]
async fn the_model_never_answers() {
    goes_to_a_person("model_slow", always("hang", json!({})), None).await;
}

#[tokio::test]
async fn the_model_answers_with_nonsense() {
    goes_to_a_person("model_garbage", always("garbage", json!({})), None).await;
}

#[tokio::test]
async fn the_key_is_refused() {
    let requests = goes_to_a_person("model_key", always("status", json!({ "status": 401 })), None).await;
    assert!(requests <= 1, "a refused key is not tried again: {requests}");
}

#[tokio::test]
async fn the_model_never_stops_calling_tools() {
    let script = json!({ "responses": [{ "tool_calls": [{ "name": "business_hours", "arguments": {} }] }], "repeat": true });
    goes_to_a_person("model_loop", None, Some(script)).await;
}

#[tokio::test]
async fn an_empty_answer_is_not_sent() {
    let script = json!({ "responses": [{ "text": "" }], "repeat": true });
    goes_to_a_person("model_empty", None, Some(script)).await;
}

/// A wrong call is words for the model, and the model makes it good.
#[tokio::test]
async fn invalid_arguments_and_unknown_tools_are_told_to_the_model() {
    let stack = start(builder("model_bad_calls")).await;
    let script = json!({ "responses": [
        { "tool_calls": [{ "name": "request_handoff", "arguments": "{not json" }] },
        { "tool_calls": [{ "name": "launch_rocket", "arguments": {} }] },
        { "text": "Perdón, ¿en qué te ayudo?" }
    ]});
    stack.sim().script(&script).await.unwrap();
    stack.sim().inbound(LUCIA, CLINIC, "hola").await.unwrap();
    quiet(&stack).await;
    assert_eq!(texts(&stack, LUCIA).await, ["Perdón, ¿en qué te ayudo?"]);
    assert_eq!(count(&stack, "SELECT count(*) FROM chat_conversations WHERE handled_by = 'assistant'").await, 1);
    let requests = stack.sim().model_requests().await.unwrap();
    let last = requests["items"].as_array().unwrap().last().unwrap()["body"]["messages"].as_array().unwrap().clone();
    let results: Vec<&Value> = last.iter().filter(|message| message["role"] == "tool").collect();
    assert_eq!(results.len(), 2, "{last:#?}");
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn a_passing_rate_limit_is_waited_out() {
    let stack = start(builder("model_429")).await;
    stack.sim().fault(&json!({ "target": "openai.chat", "kind": "rate_limit", "retry_after": 1, "times": 1 })).await.unwrap();
    crate::world::model_says(&stack, &["Hola"]).await;
    stack.sim().inbound(LUCIA, CLINIC, "hola").await.unwrap();
    quiet(&stack).await;
    assert_eq!(texts(&stack, LUCIA).await, ["Hola"]);
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn without_a_key_every_conversation_goes_to_a_person() {
    let stack = start(builder("model_nokey").brain_env_remove("OPENAI_API_KEY")).await;
    stack.sim().inbound(LUCIA, CLINIC, "hola").await.unwrap();
    quiet(&stack).await;
    assert_eq!(count(&stack, "SELECT count(*) FROM chat_conversations WHERE handled_by = 'agent'").await, 1);
    assert_eq!(count(&stack, "SELECT count(*) FROM system_events WHERE kind = 'model_key_missing'").await, 1);
    assert_eq!(texts(&stack, LUCIA).await.len(), 1);
    stack.stop().await.unwrap();
}
