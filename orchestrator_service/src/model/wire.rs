//! Chat completions as we write and read them. Reading tolerates what compatible servers do: content null, empty,
//! missing or in parts, arguments as an object, no ids, no usage, an error inside a 200.

use nexus_core::text::json_without_nul;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::failure::ModelError;

/// Ample for an answer on a phone; it bounds what one answer may cost.
const MOST_COMPLETION_TOKENS: u32 = 4096;

/// One request.
#[derive(Clone, Debug, Serialize)]
pub struct ChatRequest {
    model: String,
    messages: Vec<ChatMessage>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<ToolChoice>,
    max_completion_tokens: u32,
}

/// Whether the model may call tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ToolChoice {
    /// As it sees fit.
    Auto,
    /// It must answer now.
    None,
}

impl ChatRequest {
    /// A request; servers refuse a tool choice without tools, so it is left out then.
    #[must_use]
    pub fn new(model: String, messages: Vec<ChatMessage>, tools: Vec<Value>, tool_choice: ToolChoice) -> Self {
        let tool_choice = (!tools.is_empty()).then_some(tool_choice);
        Self { model, messages, tools, tool_choice, max_completion_tokens: MOST_COMPLETION_TOKENS }
    }
}

/// One message of the conversation with the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "role", rename_all = "lowercase")]
pub enum ChatMessage {
    /// Who the assistant is.
    System {
        /// The text.
        content: String,
    },
    /// The customer.
    User {
        /// The text.
        content: String,
    },
    /// The assistant.
    Assistant {
        /// The text, absent beside tool calls.
        content: Option<String>,
        /// What it asked for.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<WireCall>,
    },
    /// What a tool answered.
    Tool {
        /// Which call.
        tool_call_id: String,
        /// JSON as text.
        content: String,
    },
}

/// A tool call as the API writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WireCall {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    function: WireFunction,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct WireFunction {
    name: String,
    arguments: String,
}

/// What the model said, in the form that is kept as a turn step. Fields are only ever added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelAnswer {
    /// What it says.
    pub text: String,
    /// What it asks for.
    #[serde(default)]
    pub calls: Vec<RequestedCall>,
    /// It ran out of room; its tool calls must not be executed.
    #[serde(default)]
    pub is_truncated: bool,
    /// The dated model name.
    #[serde(default)]
    pub model: String,
    /// Billed input.
    #[serde(default)]
    pub prompt_tokens: u64,
    /// Billed output.
    #[serde(default)]
    pub completion_tokens: u64,
}

/// One tool call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedCall {
    /// Empty where the server gives none; the turn fills it in.
    pub id: String,
    /// Which tool.
    pub name: String,
    /// The model's text, usually JSON.
    pub arguments: String,
}

impl ModelAnswer {
    /// The answer as it goes back to the model with the tool results.
    #[must_use]
    pub fn to_message(&self) -> ChatMessage {
        let tool_calls = self.calls.iter().map(RequestedCall::to_wire).collect();
        let content = Some(self.text.clone()).filter(|text| !text.is_empty() || self.calls.is_empty());
        ChatMessage::Assistant { content, tool_calls }
    }
}

impl RequestedCall {
    fn to_wire(&self) -> WireCall {
        // Some servers parse the arguments of earlier calls and fail on what the model itself wrote.
        let is_object = serde_json::from_str::<Value>(&self.arguments).is_ok_and(|value| value.is_object());
        let arguments = if is_object { self.arguments.clone() } else { "{}".to_owned() };
        WireCall { id: self.id.clone(), kind: "function", function: WireFunction { name: self.name.clone(), arguments } }
    }
}

/// Reads the body of a 200.
pub(super) fn read_answer(body: Value) -> Result<ModelAnswer, ModelError> {
    // What it says is stored, and Postgres cannot store NUL.
    let body = json_without_nul(body);
    if body["error"].is_object() {
        let status = body["error"]["code"].as_u64().and_then(|code| u16::try_from(code).ok()).unwrap_or(500);
        return Err(ModelError::of_error(status, &body, None));
    }
    let choice = body["choices"].get(0).ok_or(ModelError::Unreadable)?;
    let message = &choice["message"];
    let text = text_of(&message["content"]);
    let refusal = message["refusal"].as_str().unwrap_or_default();
    let calls = message["tool_calls"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(ModelAnswer {
        text: if text.trim().is_empty() { refusal.to_owned() } else { text },
        calls: calls.iter().filter_map(read_call).collect(),
        is_truncated: choice["finish_reason"] == "length",
        model: body["model"].as_str().unwrap_or_default().to_owned(),
        prompt_tokens: body["usage"]["prompt_tokens"].as_u64().unwrap_or(0),
        completion_tokens: body["usage"]["completion_tokens"].as_u64().unwrap_or(0),
    })
}

fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}

fn read_call(call: &Value) -> Option<RequestedCall> {
    let function = &call["function"];
    let arguments = match &function["arguments"] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let id = call["id"].as_str().unwrap_or_default().to_owned();
    Some(RequestedCall { id, name: function["name"].as_str()?.to_owned(), arguments })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn message(message: Value) -> ModelAnswer {
        read_answer(json!({"choices": [{"message": message, "finish_reason": "stop"}]})).unwrap()
    }

    #[test]
    fn content_may_be_null_missing_or_in_parts() {
        assert_eq!(message(json!({"content": null})).text, "");
        assert_eq!(message(json!({})).text, "");
        assert_eq!(message(json!({"content": [{"type": "text", "text": "a"}]})).text, "a");
        assert_eq!(message(json!({"content": null, "refusal": "no"})).text, "no");
    }

    #[test]
    fn calls_count_whatever_the_finish_reason_says() {
        let answer = message(json!({"content": "", "tool_calls": [
            {"function": {"name": "a", "arguments": {"x": 1}}},
            {"id": "1", "function": {"name": "b", "arguments": "not json"}},
            {"id": "2", "function": {}}
        ]}));
        assert_eq!(answer.calls.len(), 2);
        assert_eq!(answer.calls[0].arguments, r#"{"x":1}"#);
        let ChatMessage::Assistant { content, tool_calls } = answer.to_message() else { panic!("not the assistant") };
        assert_eq!(content, None);
        assert_eq!(tool_calls[1].function.arguments, "{}");
    }

    #[test]
    fn an_error_inside_a_200_is_an_error() {
        let inside = |code: Value| read_answer(json!({"error": {"code": code, "message": "m"}})).unwrap_err().class();
        assert_eq!(inside(json!(429)), "rate_limited");
        assert_eq!(inside(json!(402)), "quota_exhausted");
        assert_eq!(inside(json!("whatever")), "unavailable");
        assert_eq!(read_answer(json!({"choices": []})).unwrap_err(), ModelError::Unreadable);
    }
}
