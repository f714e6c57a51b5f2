//! Conversations as a service would send them, and what a sensible assistant does next.

use serde_json::{Value, json};

use super::*;

const SYSTEM: &str =
    "Sos la asistente de Clínica Sol.\n\nServicios:\n- Limpieza dental: $20.000\n- Ortodoncia\n\nNunca inventes precios.";

fn request(messages: &[Value], tools: &[&str]) -> Value {
    let tools: Vec<Value> = tools
        .iter()
        .map(|name| {
            json!({ "type": "function", "function": { "name": name, "parameters": {
                "type": "object", "properties": { "reason": { "type": "string" } }, "required": ["reason"],
            }}})
        })
        .collect();
    let mut all = vec![json!({ "role": "system", "content": SYSTEM })];
    all.extend_from_slice(messages);
    json!({ "model": "gpt-4.1-mini", "messages": all, "tools": tools })
}

fn user(text: &str) -> Value {
    json!({ "role": "user", "content": text })
}

fn called(answer: &Answer) -> Vec<&str> {
    answer.tool_calls.iter().map(|call| call.name.as_str()).collect()
}

#[test]
fn asking_for_a_person_calls_the_handoff_tool_and_then_says_so() {
    let tools = ["business_hours", "request_handoff"];
    let ask = user("Quiero hablar con una persona");
    let first = answer(&request(std::slice::from_ref(&ask), &tools));
    assert_eq!(called(&first), ["request_handoff"]);
    assert!(first.tool_calls[0].arguments.contains("persona"));
    let call = json!({ "role": "assistant", "content": null, "tool_calls": [
        { "id": "c1", "type": "function", "function": { "name": "request_handoff", "arguments": "{}" } },
    ]});
    let result = json!({ "role": "tool", "tool_call_id": "c1", "content": "{\"ok\":true}" });
    let second = answer(&request(&[ask, call, result], &tools));
    assert!(second.tool_calls.is_empty());
    assert!(second.text.unwrap().contains("persona"));
}

#[test]
fn hours_come_from_the_tool() {
    let ask = user("Hi, what time do you open?");
    let call = json!({ "role": "assistant", "content": null, "tool_calls": [
        { "id": "c1", "type": "function", "function": { "name": "business_hours", "arguments": "{}" } },
    ]});
    let content = json!({ "is_open": true, "hours": [{ "day": "monday", "open": "09:00", "close": "18:00" }] });
    let result = json!({ "role": "tool", "tool_call_id": "c1", "content": content.to_string() });
    let text = answer(&request(&[ask, call, result], &["business_hours"])).text.unwrap();
    assert!(text.contains("Monday: 09:00") && text.contains("18:00"), "{text}");
}

#[test]
fn only_offered_tools_are_called_and_facts_come_from_the_system_message() {
    let reply = answer(&request(&[user("Hola, ¿qué servicios tienen?")], &[]));
    let text = reply.text.unwrap();
    assert!(text.contains("Clínica Sol") && text.contains("Limpieza dental: $20.000"), "{text}");
    assert!(!text.contains("inventes"));
}

#[test]
fn several_messages_are_answered_together() {
    let tools = ["business_hours", "list_services"];
    let asked = [user("Buenas"), user("¿A qué hora abren?"), user("¿y qué servicios ofrecen?")];
    assert_eq!(called(&answer(&request(&asked, &tools))), ["business_hours", "list_services"]);
}

#[test]
fn an_earlier_turn_is_not_answered_again() {
    let history = [user("Quiero hablar con una persona"), json!({ "role": "assistant", "content": "Listo." }), user("Gracias!")];
    let reply = answer(&request(&history, &["request_handoff"]));
    assert!(reply.tool_calls.is_empty());
    assert!(reply.text.unwrap().contains("De nada"));
}

#[test]
fn answers_in_the_language_of_the_customer() {
    for (ask, expected) in
        [("asdf qwer", "¿Me contás"), ("what is that thing for", "Could you tell me"), ("não entendi isso", "Pode me contar")]
    {
        let text = answer(&request(&[user(ask)], &[])).text.unwrap();
        assert!(text.contains(expected), "{ask}: {text}");
    }
}
