//! One model answer, rendered as a completion or as a short event stream, with estimated usage.

use axum::{
    Json,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

#[derive(Default)]
pub(crate) struct Answer {
    pub(crate) text: Option<String>,
    pub(crate) tool_calls: Vec<ToolCall>,
    pub(crate) finish_reason: Option<String>,
}

pub(crate) struct ToolCall {
    pub(crate) id: String,
    pub(crate) name: String,
    /// JSON as text, exactly as the model wrote it: possibly broken.
    pub(crate) arguments: String,
}

impl ToolCall {
    pub(crate) fn new(id: Option<String>, name: &str, arguments: String) -> Self {
        let id = id.unwrap_or_else(|| format!("call_{}", hex::encode(rand::random::<[u8; 12]>())));
        Self { id, name: name.to_owned(), arguments }
    }
}

impl Answer {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }

    pub(crate) fn calls(tool_calls: Vec<ToolCall>) -> Self {
        Self { tool_calls, ..Self::default() }
    }

    pub(crate) fn completion(&self, request: &Value) -> Value {
        let prompt_tokens = estimate(&request["messages"].to_string()) + estimate(&request["tools"].to_string());
        let spoken = self.text.as_deref().map_or(0, estimate);
        let called: u64 = self.tool_calls.iter().map(|call| estimate(&call.arguments) + 12).sum();
        let completion_tokens = (spoken + called).max(1);
        json!({
            "id": format!("chatcmpl-{}", hex::encode(rand::random::<[u8; 12]>())),
            "object": "chat.completion",
            "created": chrono::Utc::now().timestamp(),
            "model": request["model"].as_str().unwrap_or("gpt-4.1-mini"),
            "choices": [{
                "index": 0,
                "message": self.message(),
                "logprobs": null,
                "finish_reason": self.finish_reason(),
            }],
            "usage": {
                "prompt_tokens": prompt_tokens,
                "completion_tokens": completion_tokens,
                "total_tokens": prompt_tokens + completion_tokens,
                "prompt_tokens_details": { "cached_tokens": 0, "audio_tokens": 0 },
                "completion_tokens_details": {
                    "reasoning_tokens": 0,
                    "audio_tokens": 0,
                    "accepted_prediction_tokens": 0,
                    "rejected_prediction_tokens": 0,
                },
            },
            "service_tier": "default",
            "system_fingerprint": "fp_simulated",
        })
    }

    fn message(&self) -> Value {
        let mut message = json!({ "role": "assistant", "content": self.text, "refusal": null, "annotations": [] });
        if !self.tool_calls.is_empty() {
            message["tool_calls"] = self.tool_calls.iter().map(ToolCall::render).collect();
        }
        message
    }

    fn finish_reason(&self) -> &str {
        match &self.finish_reason {
            Some(reason) => reason,
            None if self.tool_calls.is_empty() => "stop",
            None => "tool_calls",
        }
    }
}

impl ToolCall {
    fn render(&self) -> Value {
        json!({
            "id": self.id,
            "type": "function",
            "function": { "name": self.name, "arguments": self.arguments },
        })
    }
}

/// The completion, as one object or, with `stream`, as two chunks and the closing mark.
pub(crate) fn respond(request: &Value, completion: &Value) -> Response {
    if request["stream"] != true {
        return Json(completion.clone()).into_response();
    }
    let chunk = |delta: Value, reason: &Value| {
        let mut chunk = completion.clone();
        chunk["object"] = json!("chat.completion.chunk");
        chunk["choices"] = json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": reason }]);
        chunk["usage"] = Value::Null;
        format!("data: {chunk}\n\n")
    };
    let choice = &completion["choices"][0];
    let mut delta = choice["message"].clone();
    if let Some(calls) = delta["tool_calls"].as_array_mut() {
        for (index, call) in calls.iter_mut().enumerate() {
            call["index"] = json!(index);
        }
    }
    let mut stream = chunk(delta, &Value::Null) + &chunk(json!({}), &choice["finish_reason"]);
    if request["stream_options"]["include_usage"] == true {
        let mut last = completion.clone();
        last["object"] = json!("chat.completion.chunk");
        last["choices"] = json!([]);
        stream += &format!("data: {last}\n\n");
    }
    stream += "data: [DONE]\n\n";
    ([(header::CONTENT_TYPE, "text/event-stream")], stream).into_response()
}

/// About four characters to a token, close enough for budgets.
fn estimate(text: &str) -> u64 {
    (text.chars().count() as u64).div_ceil(4)
}
