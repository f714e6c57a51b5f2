//! The model: scripted answers, held answers, rules with tool calls, and OpenAI's refusals.

use serde_json::{Value, json};

use crate::harness::{Sim, eventually};

fn ask(text: &str) -> Value {
    json!({
        "model": "gpt-4.1-mini",
        "messages": [
            { "role": "system", "content": "Sos la asistente de Clínica Sol." },
            { "role": "user", "content": text },
        ],
        "tools": [{ "type": "function", "function": {
            "name": "request_handoff",
            "parameters": { "type": "object", "properties": { "reason": { "type": "string" } }, "required": ["reason"] },
        }}],
    })
}

#[tokio::test]
async fn a_script_answers_first_and_the_rules_after_it() {
    let sim = Sim::start(None);
    let script = json!({ "responses": [
        { "match": { "contains": "precio" }, "tool_calls": [{ "name": "search_products", "arguments": "{broken" }] },
        { "raw": { "status": 503, "body": { "error": { "message": "no" } }, "headers": { "retry-after": "1" } } },
    ]});
    sim.control("openai/script", script).await;
    assert_eq!(sim.chat(&ask("hola")).await.status(), 503);
    let answer: Value = sim.chat(&ask("el precio?")).await.json().await.unwrap();
    let choice = &answer["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls");
    assert_eq!(choice["message"]["tool_calls"][0]["function"]["arguments"], "{broken");
    let ruled: Value = sim.chat(&ask("hola")).await.json().await.unwrap();
    assert!(ruled["choices"][0]["message"]["content"].as_str().unwrap().contains("Clínica Sol"));
    assert!(ruled["usage"]["total_tokens"].as_u64().unwrap() > 0);
    let requests = sim.observe("openai/requests").await;
    assert_eq!((&requests["items"][0]["by"], &requests["items"][2]["by"]), (&json!("script"), &json!("rules")));
}

#[tokio::test]
async fn the_rules_call_an_offered_tool_and_speak_after_its_result() {
    let sim = Sim::start(None);
    let mut request = ask("Quiero hablar con una persona, tengo un reclamo");
    let first: Value = sim.chat(&request).await.json().await.unwrap();
    let message = first["choices"][0]["message"].clone();
    let call = &message["tool_calls"][0];
    assert_eq!(call["function"]["name"], "request_handoff");
    let arguments: Value = serde_json::from_str(call["function"]["arguments"].as_str().unwrap()).unwrap();
    assert!(arguments["reason"].as_str().unwrap().contains("reclamo"));

    let id = call["id"].clone();
    let messages = request["messages"].as_array_mut().unwrap();
    messages.push(message);
    assert_eq!(sim.chat(&request).await.status(), 400, "the call has no answer yet");
    let messages = request["messages"].as_array_mut().unwrap();
    messages.push(json!({ "role": "tool", "tool_call_id": id, "content": "{\"ok\":true}" }));
    let second: Value = sim.chat(&request).await.json().await.unwrap();
    assert!(second["choices"][0]["message"]["content"].as_str().unwrap().contains("persona"));
}

#[tokio::test]
async fn a_held_answer_waits_for_its_release() {
    let sim = Sim::start(None);
    sim.control("openai/script", json!({ "responses": [{ "hold": true, "text": "al fin" }] })).await;
    let request = ask("hola");
    let asking = sim.chat(&request);
    let acting = async {
        eventually("a waiting request", || async { (sim.observe("openai/waiting").await["waiting"] == 1).then_some(()) }).await;
        sim.control("openai/release", json!({})).await
    };
    let (answer, released) = tokio::join!(asking, acting);
    assert_eq!(released["released"], 1);
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["choices"][0]["message"]["content"], "al fin");
}

#[tokio::test]
async fn keys_headers_and_faults() {
    let sim = Sim::start(None);
    let url = format!("{}/openai/v1/models", sim.base);
    let refused = sim.client.get(&url).bearer_auth("sk-other").send().await.unwrap();
    assert_eq!(refused.status(), 401);
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body["error"]["code"], "invalid_api_key");
    let models = sim.client.get(&url).bearer_auth("sk-test").send().await.unwrap();
    assert!(models.headers().contains_key("x-request-id"));
    assert!(models.headers().contains_key("x-ratelimit-remaining-requests"));
    sim.control("faults", json!({ "target": "openai.chat", "kind": "rate_limit", "retry_after": 2 })).await;
    let limited = sim.chat(&ask("hola")).await;
    assert_eq!((limited.status().as_u16(), &limited.headers()["retry-after"]), (429, &"2".parse().unwrap()));
    let body: Value = limited.json().await.unwrap();
    assert_eq!(body["error"]["code"], "rate_limit_exceeded");
    sim.control("faults", json!({ "target": "openai.chat", "kind": "garbage" })).await;
    assert!(sim.chat(&ask("hola")).await.json::<Value>().await.is_err());
}
