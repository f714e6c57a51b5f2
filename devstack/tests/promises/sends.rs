//! At most one accepted send per outbox row, and no blind retry.

use serde_json::json;

use crate::world::{CLINIC, LUCIA, builder, count, each_send_was_made_once, model_says, quiet, start, texts};

/// The customer writes, the provider misbehaves once, and in the end the answer was accepted exactly once.
async fn answered_once_despite(name: &str, fault: serde_json::Value) {
    let stack = start(builder(name)).await;
    stack.sim().fault(&fault).await.unwrap();
    model_says(&stack, &["Hola, Lucía"]).await;
    stack.sim().inbound(LUCIA, CLINIC, "hola").await.unwrap();
    quiet(&stack).await;
    assert_eq!(texts(&stack, LUCIA).await, ["Hola, Lucía"], "{fault}");
    each_send_was_made_once(&stack).await;
    let fired = stack.sim().get("/_sim/faults").await.unwrap();
    assert!(!fired.to_string().contains("\"fired\":0"), "the fault was never met: {fired}");
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn a_connection_reset_after_the_provider_acted() {
    answered_once_despite("reset_after", json!({ "target": "ycloud.send", "kind": "reset_after" })).await;
}

#[tokio::test]
async fn a_connection_reset_before_the_provider_acted() {
    answered_once_despite("reset_before", json!({ "target": "ycloud.send", "kind": "reset_before" })).await;
}

#[tokio::test]
async fn a_server_error_after_the_provider_acted() {
    answered_once_despite("error_after", json!({ "target": "ycloud.send", "kind": "server_error", "after": true })).await;
}

#[tokio::test]
async fn an_answer_that_cannot_be_read() {
    answered_once_despite("garbage", json!({ "target": "ycloud.send", "kind": "garbage" })).await;
}

#[tokio::test]
async fn a_rate_limit_with_a_told_delay() {
    answered_once_despite("rate", json!({ "target": "ycloud.send", "kind": "rate_limit", "retry_after": 1 })).await;
}

#[tokio::test]
async fn a_slow_answer() {
    answered_once_despite("slow", json!({ "target": "ycloud.send", "kind": "slow_body", "delay_ms": 3000 })).await;
}

/// No status and no usable list: nobody will ever know, so a person is shown the message and nothing is sent again.
#[tokio::test]
async fn what_stays_unknown_is_shown_to_a_person_and_not_sent_again() {
    let stack = start(builder("unknown")).await;
    stack.sim().configure(&json!({ "auto_statuses": false })).await.unwrap();
    stack.sim().fault(&json!({ "target": "ycloud.send", "kind": "reset_after" })).await.unwrap();
    stack.sim().fault(&json!({ "target": "ycloud.list", "kind": "server_error", "times": null })).await.unwrap();
    model_says(&stack, &["Hola, Lucía"]).await;
    stack.sim().inbound(LUCIA, CLINIC, "hola").await.unwrap();
    quiet(&stack).await;
    assert_eq!(texts(&stack, LUCIA).await.len(), 1);
    assert_eq!(count(&stack, "SELECT count(*) FROM outbox WHERE state = 'unknown' AND settled_at IS NOT NULL").await, 1);
    assert_eq!(count(&stack, "SELECT count(*) FROM chat_messages WHERE status = 'unknown'").await, 1);
    assert_eq!(count(&stack, "SELECT count(*) FROM system_events WHERE kind = 'send_unknown'").await, 1);
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn refused_credentials_fail_the_message_and_rest_the_channel() {
    let stack = start(builder("refused")).await;
    stack.sim().fault(&json!({ "target": "ycloud.send", "kind": "status", "status": 401 })).await.unwrap();
    model_says(&stack, &["Hola, Lucía"]).await;
    stack.sim().inbound(LUCIA, CLINIC, "hola").await.unwrap();
    quiet(&stack).await;
    assert_eq!(texts(&stack, LUCIA).await.len(), 0);
    assert_eq!(count(&stack, "SELECT count(*) FROM chat_messages WHERE status = 'failed'").await, 1);
    assert_eq!(count(&stack, "SELECT count(*) FROM channels WHERE credentials_refused_at IS NOT NULL").await, 1);
    assert_eq!(count(&stack, "SELECT count(*) FROM system_events WHERE kind = 'credential_refused'").await, 1);
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn outside_the_service_window_nothing_is_sent_and_the_failure_says_why() {
    let stack = start(builder("window")).await;
    let yesterday = (chrono::Utc::now() - chrono::TimeDelta::hours(25)).to_rfc3339();
    let message = json!({ "from": LUCIA, "to": CLINIC, "text": "hola", "send_time": yesterday });
    stack.sim().inbound_with(&message).await.unwrap();
    quiet(&stack).await;
    assert_eq!(texts(&stack, LUCIA).await.len(), 0);
    assert!(count(&stack, "SELECT count(*) FROM chat_messages WHERE error_code = 'service_window_closed'").await >= 1);
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn the_manual_send_goes_through_the_outbox() {
    let stack = start(builder("manual")).await;
    stack.sim().inbound(LUCIA, CLINIC, "hola").await.unwrap();
    quiet(&stack).await;
    let send = async |token: Option<&str>, body: serde_json::Value| {
        let mut request = reqwest::Client::new().post(format!("{}/send", stack.edge.url())).json(&body);
        if let Some(token) = token {
            request = request.header("X-Internal-Token", token);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json::<serde_json::Value>().await.unwrap())
    };
    let token = stack.secrets().internal_token.clone();
    let body = json!({ "to": LUCIA, "message": "Tu pedido salió", "from": CLINIC });
    assert_eq!(send(None, body.clone()).await.0, 422);
    assert_eq!(send(Some("wrong"), body.clone()).await.0, 401);
    assert_eq!(send(Some(&token), json!({ "to": "nobody", "text": "x" })).await.1["code"], "invalid_request");
    assert_eq!(send(Some(&token), json!({ "to": LUCIA, "text": "x", "from": "+5491100000000" })).await.0, 404);
    let (status, answer) = send(Some(&token), body).await;
    assert_eq!(status, 200, "{answer}");
    assert!(answer["message_id"].is_string());
    quiet(&stack).await;
    assert_eq!(texts(&stack, LUCIA).await.last().unwrap(), "Tu pedido salió");
    each_send_was_made_once(&stack).await;
    stack.stop().await.unwrap();
}
