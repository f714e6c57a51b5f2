//! Answers queued by a test, and those held back until the test lets them go.

use std::{collections::VecDeque, sync::Mutex};

use serde::Deserialize;
use serde_json::Value;
use tokio::sync::oneshot;

use super::answer::{Answer, ToolCall};
use crate::state::lock;

#[derive(Deserialize)]
pub(crate) struct Batch {
    responses: Vec<Scripted>,
    /// Used answers go back to the end of the queue.
    #[serde(default)]
    repeat: bool,
}

#[derive(Clone, Deserialize)]
pub(crate) struct Scripted {
    #[serde(rename = "match")]
    matching: Option<Match>,
    pub(crate) delay_ms: Option<u64>,
    #[serde(default)]
    pub(crate) hold: bool,
    text: Option<String>,
    #[serde(default)]
    tool_calls: Vec<ScriptedCall>,
    pub(crate) raw: Option<Raw>,
    finish_reason: Option<String>,
    #[serde(skip)]
    repeat: bool,
}

#[derive(Clone, Deserialize)]
struct Match {
    contains: Option<String>,
}

#[derive(Clone, Deserialize)]
struct ScriptedCall {
    id: Option<String>,
    name: String,
    #[serde(default)]
    arguments: Value,
}

/// A whole HTTP answer, for everything a model API should never say.
#[derive(Clone, Deserialize)]
pub(crate) struct Raw {
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) body: Value,
    #[serde(default)]
    pub(crate) headers: std::collections::BTreeMap<String, String>,
}

#[derive(Default)]
pub(crate) struct Script {
    queue: Mutex<VecDeque<Scripted>>,
    held: Mutex<VecDeque<oneshot::Sender<()>>>,
}

impl Script {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn add(&self, batch: Batch) -> usize {
        let mut queue = lock(&self.queue);
        let repeat = batch.repeat;
        queue.extend(batch.responses.into_iter().map(|response| Scripted { repeat, ..response }));
        queue.len()
    }

    pub(crate) fn queued(&self) -> usize {
        lock(&self.queue).len()
    }

    /// The first queued answer for this user message; each is used once unless it repeats.
    pub(crate) fn take(&self, last_user_message: &str) -> Option<Scripted> {
        let mut queue = lock(&self.queue);
        let position = queue.iter().position(|response| {
            let part = response.matching.as_ref().and_then(|matching| matching.contains.as_deref());
            part.is_none_or(|part| last_user_message.contains(part))
        })?;
        let response = queue.remove(position)?;
        if response.repeat {
            queue.push_back(response.clone());
        }
        Some(response)
    }

    /// Waits until the test releases it, or until a reset.
    pub(crate) async fn hold(&self) {
        let (release, released) = oneshot::channel();
        lock(&self.held).push_back(release);
        let _ = released.await;
    }

    pub(crate) fn waiting(&self) -> usize {
        let mut held = lock(&self.held);
        // A client that gave up is not waiting any more.
        held.retain(|release| !release.is_closed());
        held.len()
    }

    pub(crate) fn release(&self, count: Option<usize>) -> usize {
        let waiting = self.waiting();
        let mut held = lock(&self.held);
        let count = count.unwrap_or(waiting).min(held.len());
        held.drain(..count).filter_map(|release| release.send(()).ok()).count()
    }

    pub(crate) fn clear(&self) {
        lock(&self.queue).clear();
        self.release(None);
    }
}

impl Scripted {
    pub(crate) fn answer(&self) -> Answer {
        let calls = self.tool_calls.iter().map(|call| {
            let arguments = match &call.arguments {
                Value::String(raw) => raw.clone(),
                Value::Null => "{}".to_owned(),
                other => other.to_string(),
            };
            ToolCall::new(call.id.clone(), &call.name, arguments)
        });
        Answer { text: self.text.clone(), tool_calls: calls.collect(), finish_reason: self.finish_reason.clone() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_are_used_in_order_by_the_first_request_that_matches() {
        let script = Script::new();
        let batch = json!({ "responses": [{ "match": { "contains": "precio" }, "text": "1" }, { "text": "2" }] });
        script.add(serde_json::from_value(batch).unwrap());
        assert_eq!(script.take("hola").unwrap().answer().text.unwrap(), "2");
        assert!(script.take("hola").is_none());
        assert_eq!(script.take("el precio?").unwrap().answer().text.unwrap(), "1");
        assert_eq!(script.queued(), 0);
    }
}
