//! OpenAI's refusals of a malformed conversation, above all of broken tool call groups.

use serde_json::Value;

use super::error::ChatFailure;

const ROLES: [&str; 6] = ["system", "developer", "user", "assistant", "tool", "function"];

pub(crate) fn conversation(body: &Value) -> Result<(), ChatFailure> {
    let messages = body["messages"].as_array().filter(|messages| !messages.is_empty());
    let Some(messages) = messages else {
        return Err(ChatFailure::bad_request("messages", "Missing required parameter: 'messages'."));
    };
    let mut open: Vec<&str> = Vec::new();
    for (position, message) in messages.iter().enumerate() {
        let role = message["role"].as_str().unwrap_or_default();
        if !ROLES.contains(&role) {
            let message = format!(
                "Invalid value: '{role}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'."
            );
            return Err(ChatFailure::bad_request(&format!("messages[{position}].role"), message).with_code("invalid_value"));
        }
        if role == "tool" {
            close(&mut open, message, position)?;
            continue;
        }
        all_answered(&open)?;
        open = call_ids(message);
        if role == "user" && message["content"].is_null() {
            let text = "Invalid value for 'content': expected a string, got null.";
            return Err(ChatFailure::bad_request(&format!("messages.[{position}].content"), text));
        }
    }
    all_answered(&open)?;
    tool_definitions(body)
}

fn close<'a>(open: &mut Vec<&'a str>, message: &'a Value, position: usize) -> Result<(), ChatFailure> {
    let id = message["tool_call_id"].as_str().unwrap_or_default();
    match open.iter().position(|waiting| *waiting == id) {
        Some(waiting) => {
            open.remove(waiting);
            Ok(())
        }
        None => Err(ChatFailure::bad_request(
            &format!("messages.[{position}].role"),
            "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        )),
    }
}

fn all_answered(open: &[&str]) -> Result<(), ChatFailure> {
    if open.is_empty() {
        return Ok(());
    }
    let message = format!(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each \
         'tool_call_id'. The following tool_call_ids did not have response messages: {}",
        open.join(", ")
    );
    Err(ChatFailure::bad_request("messages", message))
}

fn call_ids(message: &Value) -> Vec<&str> {
    let calls = message["tool_calls"].as_array().map(Vec::as_slice).unwrap_or_default();
    calls.iter().filter_map(|call| call["id"].as_str()).collect()
}

fn tool_definitions(body: &Value) -> Result<(), ChatFailure> {
    let tools = body["tools"].as_array().map(Vec::as_slice).unwrap_or_default();
    if tools.is_empty() && body["tool_choice"].is_string() && body["tool_choice"] != "none" {
        let message = "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.";
        return Err(ChatFailure::bad_request("tool_choice", message));
    }
    for (position, tool) in tools.iter().enumerate() {
        let name = tool["function"]["name"].as_str().unwrap_or_default();
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if name.is_empty() || name.len() > 64 || !name.bytes().all(allowed) {
            let param = format!("tools[{position}].function.name");
            let message = format!("Invalid '{param}': string does not match pattern '^[a-zA-Z0-9_-]+$'.");
            return Err(ChatFailure::bad_request(&param, message).with_code("invalid_value"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn calling(ids: &[&str]) -> Value {
        let calls: Vec<Value> = ids.iter().map(|id| json!({ "id": id, "type": "function" })).collect();
        json!({ "role": "assistant", "content": null, "tool_calls": calls })
    }

    fn is_ok(messages: Value) -> bool {
        conversation(&json!({ "messages": messages })).is_ok()
    }

    #[test]
    fn every_call_is_answered_before_anything_else() {
        let user = json!({ "role": "user", "content": "hola" });
        let result = |id: &str| json!({ "role": "tool", "tool_call_id": id, "content": "{}" });
        assert!(is_ok(json!([user, calling(&["a", "b"]), result("b"), result("a"), user])));
        assert!(!is_ok(json!([user, calling(&["a", "b"]), result("a")])));
        assert!(!is_ok(json!([user, calling(&["a"]), user, result("a")])));
        assert!(!is_ok(json!([user, result("a")])));
        assert!(!is_ok(json!([])));
    }
}
