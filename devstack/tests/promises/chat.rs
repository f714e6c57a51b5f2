//! `POST /chat`, the contract of Nexus v3.

use devstack::Stack;
use serde_json::{Value, json};

use crate::world::{CLINIC, LUCIA, builder, count, model_is_asked, model_says, start};

fn request(event_id: &str, text: &str) -> Value {
    json!({
        "provider": "ycloud", "event_id": event_id, "provider_message_id": format!("wamid.{event_id}"),
        "from_number": LUCIA, "to_number": CLINIC, "text": text, "customer_name": "Lucía",
        "event_type": "whatsapp.inbound_message.received", "correlation_id": "c-1"
    })
}

async fn chat(stack: &Stack, token: Option<&str>, body: &Value) -> (u16, Value) {
    let mut call = reqwest::Client::new().post(format!("{}/chat", stack.brain.url())).json(body);
    if let Some(token) = token {
        call = call.header("X-Internal-Token", token);
    }
    let response = call.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn the_same_event_twice_is_ok_then_duplicate() {
    let stack = start(builder("chat_twice")).await;
    model_says(&stack, &["Hola, Lucía"]).await;
    let token = stack.secrets().internal_token.clone();
    let (status, first) = chat(&stack, Some(&token), &request("evt_chat01", "hola")).await;
    assert_eq!((status, &first["status"], &first["send"]), (200, &json!("ok"), &json!(true)), "{first}");
    assert_eq!(first["messages"][0]["text"], "Hola, Lucía");
    assert_eq!((&first["messages"][0]["part"], &first["messages"][0]["total"]), (&json!(1), &json!(1)));
    let (status, second) = chat(&stack, Some(&token), &request("evt_chat01", "hola")).await;
    assert_eq!((status, &second["status"], &second["send"]), (200, &json!("duplicate"), &json!(false)), "{second}");
    assert_eq!(count(&stack, "SELECT count(*) FROM chat_messages WHERE direction = 'inbound'").await, 1);
    assert_eq!(count(&stack, "SELECT count(*) FROM outbox").await, 0, "the caller delivers");
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn a_request_while_the_first_is_running_is_processing() {
    let stack = start(builder("chat_running")).await;
    stack.sim().script(&json!({ "responses": [{ "text": "Hola", "hold": true }] })).await.unwrap();
    let token = stack.secrets().internal_token.clone();
    let body = request("evt_chat02", "hola");
    let both = async {
        model_is_asked(&stack).await;
        let during = chat(&stack, Some(&token), &body).await;
        stack.sim().release(&json!({})).await.unwrap();
        during
    };
    let (first, during) = tokio::join!(chat(&stack, Some(&token), &body), both);
    assert_eq!(during.1["status"], "processing", "{}", during.1);
    assert_eq!(first.1["status"], "ok", "{}", first.1);
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn who_may_not_ask_and_what_cannot_be_asked() {
    let stack = start(builder("chat_refused")).await;
    let token = stack.secrets().internal_token.clone();
    assert_eq!(chat(&stack, None, &request("evt_a00001", "hola")).await.0, 422);
    assert_eq!(chat(&stack, Some("wrong"), &request("evt_a00001", "hola")).await.0, 401);
    let mut unknown = request("evt_a00002", "hola");
    unknown["to_number"] = json!("+5491199999999");
    assert_eq!(chat(&stack, Some(&token), &unknown).await.0, 404);
    let (status, problem) = chat(&stack, Some(&token), &json!({ "provider": "ycloud" })).await;
    assert_eq!(status, 422, "{problem}");
    assert_eq!(count(&stack, "SELECT count(*) FROM chat_messages").await, 0);
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn an_echo_pauses_the_assistant() {
    let stack = start(builder("chat_echo")).await;
    let token = stack.secrets().internal_token.clone();
    let mut echo = request("evt_echo01", "Te respondo yo");
    echo["event_type"] = json!("whatsapp.smb.message.echoes");
    assert_eq!(chat(&stack, Some(&token), &echo).await.1["status"], "ignored");
    let (_, answer) = chat(&stack, Some(&token), &request("evt_after1", "hola")).await;
    assert_eq!((&answer["status"], &answer["send"]), (&json!("ignored"), &json!(false)), "{answer}");
    stack.stop().await.unwrap();
}
