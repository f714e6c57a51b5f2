//! Tool calls: ids made unique, arguments read, what goes wrong put into words for the model. Pure.

use nexus_core::ids::TurnId;
use nexus_core::text::json_without_nul;
use serde_json::{Value, json};
use std::collections::HashSet;

use super::steps::ToolResult;
use crate::model::RequestedCall;
use crate::tools::{Effect, Tool};

/// Gives every call an id that is unique within the turn, the same at every replay: some servers give none or repeat them.
pub(super) fn make_ids_unique(calls: &mut [RequestedCall], used: &mut HashSet<String>, turn: TurnId, round: usize) {
    for (index, call) in calls.iter_mut().enumerate() {
        if call.id.is_empty() || used.contains(&call.id) {
            // Within the 40 characters that servers accept.
            call.id = format!("c{}_{round}_{index}", turn.0.simple());
        }
        used.insert(call.id.clone());
    }
}

/// The arguments as an object; none at all count as an empty one.
pub(super) fn read_arguments(text: &str) -> Result<Value, String> {
    let text = if text.trim().is_empty() { "{}" } else { text };
    match serde_json::from_str::<Value>(text) {
        Ok(value) if value.is_object() => Ok(json_without_nul(value)),
        Ok(_) => Err("invalid arguments: not a JSON object".to_owned()),
        Err(error) => Err(format!("invalid arguments: {error}")),
    }
}

/// What a tool answered, ready to be recorded.
pub(super) fn succeeded(tool: &dyn Tool, content: Value) -> ToolResult {
    ToolResult { tool: tool.name().to_owned(), has_effect: tool.effect() == Effect::Changes, is_ok: true, content }
}

/// Words for the model about a call that did nothing.
pub(super) fn failed(tool: Option<&dyn Tool>, words: &str) -> ToolResult {
    let name = tool.map(Tool::name).unwrap_or_default().to_owned();
    ToolResult { tool: name, has_effect: false, is_ok: false, content: json!({ "ok": false, "error": words }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(id: &str) -> RequestedCall {
        RequestedCall { id: id.to_owned(), name: "a".to_owned(), arguments: String::new() }
    }

    #[test]
    fn missing_and_repeated_ids_become_unique_and_stay_the_same() {
        let turn = TurnId::new();
        let ids = || {
            let mut used = HashSet::new();
            let mut first = [call("x"), call(""), call("x")];
            let mut second = [call("x"), call("y")];
            make_ids_unique(&mut first, &mut used, turn, 0);
            make_ids_unique(&mut second, &mut used, turn, 1);
            first.into_iter().chain(second).map(|call| call.id).collect::<Vec<_>>()
        };
        let made = ids();
        assert_eq!(made.iter().collect::<HashSet<_>>().len(), 5);
        assert!(made.iter().all(|id| id.len() <= 40));
        assert_eq!((made[0].as_str(), made[4].as_str()), ("x", "y"));
        assert_eq!(made, ids());
    }

    #[test]
    fn arguments_are_an_object_or_words() {
        assert_eq!(read_arguments(" "), Ok(json!({})));
        assert_eq!(read_arguments(r#"{"a":"x\u0000"}"#), Ok(json!({"a": "x\u{fffd}"})));
        assert!(read_arguments("[1]").is_err() && read_arguments("{\"a\":").is_err());
    }
}
