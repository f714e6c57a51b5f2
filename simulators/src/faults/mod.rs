//! What goes wrong on command: which faults are armed, which request each one catches, how often it fired.
//! `layer` turns a fault into HTTP behaviour; the mail server interprets its own.

pub(crate) mod layer;

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::state::lock;

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Target {
    #[serde(rename = "ycloud.send")]
    YCloudSend,
    #[serde(rename = "ycloud.list")]
    YCloudList,
    #[serde(rename = "ycloud.get")]
    YCloudGet,
    #[serde(rename = "ycloud.media")]
    YCloudMedia,
    #[serde(rename = "ycloud.read")]
    YCloudRead,
    #[serde(rename = "ycloud.templates")]
    YCloudTemplates,
    #[serde(rename = "openai.chat")]
    OpenAiChat,
    /// The provider's own description, and its keys.
    #[serde(rename = "oidc.discovery")]
    OidcDiscovery,
    #[serde(rename = "oidc.token")]
    OidcToken,
    #[serde(rename = "smtp")]
    Smtp,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Delay,
    RateLimit,
    ServerError,
    Status,
    ResetBefore,
    ResetAfter,
    Hang,
    SlowBody,
    Garbage,
    Refuse,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Fault {
    pub(crate) target: Target,
    pub(crate) kind: Kind,
    /// Left out: once. `null`: until removed.
    #[serde(default = "once")]
    pub(crate) times: Option<u64>,
    pub(crate) delay_ms: Option<u64>,
    pub(crate) retry_after: Option<u64>,
    pub(crate) status: Option<u16>,
    pub(crate) body: Option<Value>,
    /// Act on the request first, then misbehave.
    #[serde(default)]
    pub(crate) after: bool,
    /// Mail only: `greeting`, `auth`, `mail`, `rcpt` or `data`.
    pub(crate) stage: Option<String>,
    #[serde(default, rename = "match")]
    pub(crate) matching: Match,
}

#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Match {
    pub(crate) to: Option<String>,
    pub(crate) contains: Option<String>,
}

#[derive(Clone, Serialize)]
pub(crate) struct Armed {
    pub(crate) id: u64,
    pub(crate) fired: u64,
    pub(crate) remaining: Option<u64>,
    #[serde(flatten)]
    pub(crate) fault: Fault,
}

/// The part of a request that a fault may match on.
pub(crate) struct Probe<'a> {
    pub(crate) to: &'a str,
    pub(crate) text: &'a str,
}

#[derive(Default)]
pub(crate) struct Faults {
    armed: Mutex<(u64, Vec<Armed>)>,
    any: AtomicBool,
}

impl Faults {
    pub(crate) fn arm(&self, fault: Fault) -> u64 {
        let mut armed = lock(&self.armed);
        armed.0 += 1;
        let id = armed.0;
        armed.1.push(Armed { id, fired: 0, remaining: fault.times, fault });
        self.any.store(true, Ordering::Release);
        id
    }

    pub(crate) fn disarm(&self, id: u64) -> bool {
        let mut armed = lock(&self.armed);
        let before = armed.1.len();
        armed.1.retain(|fault| fault.id != id);
        self.any.store(!armed.1.is_empty(), Ordering::Release);
        before != armed.1.len()
    }

    pub(crate) fn clear(&self) {
        lock(&self.armed).1.clear();
        self.any.store(false, Ordering::Release);
    }

    pub(crate) fn list(&self) -> Vec<Armed> {
        lock(&self.armed).1.clone()
    }

    /// Lets the busy path skip reading the request when nothing is armed.
    pub(crate) fn any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    /// The oldest armed fault for this request; taking it counts as one firing.
    pub(crate) fn take(&self, target: Target, stage: Option<&str>, probe: &Probe<'_>) -> Option<Fault> {
        if !self.any() {
            return None;
        }
        let mut armed = lock(&self.armed);
        let hit = armed.1.iter_mut().find(|armed| {
            armed.fault.target == target
                && armed.remaining != Some(0)
                && stage.is_none_or(|stage| armed.fault.stage_name() == stage)
                && armed.fault.matching.covers(probe)
        })?;
        hit.fired += 1;
        hit.remaining = hit.remaining.map(|left| left - 1);
        Some(hit.fault.clone())
    }
}

impl Fault {
    fn stage_name(&self) -> &str {
        match (&self.stage, self.kind) {
            (Some(stage), _) => stage,
            (None, Kind::Refuse | Kind::ResetBefore) => "greeting",
            (None, _) => "data",
        }
    }
}

impl Match {
    fn covers(&self, probe: &Probe<'_>) -> bool {
        self.to.as_deref().is_none_or(|to| to == probe.to)
            && self.contains.as_deref().is_none_or(|part| probe.text.contains(part))
    }
}

fn once() -> Option<u64> {
    Some(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_fires_as_often_as_asked_and_only_where_it_matches() {
        let faults = Faults::default();
        let fault = serde_json::from_value(serde_json::json!({
            "target": "ycloud.send", "kind": "server_error", "times": 2, "match": { "to": "+1" }
        }));
        faults.arm(fault.unwrap());
        let other = Probe { to: "+2", text: "" };
        let wanted = Probe { to: "+1", text: "" };
        assert!(faults.take(Target::YCloudSend, None, &other).is_none());
        assert!(faults.take(Target::YCloudGet, None, &wanted).is_none());
        assert!(faults.take(Target::YCloudSend, None, &wanted).is_some());
        assert!(faults.take(Target::YCloudSend, None, &wanted).is_some());
        assert!(faults.take(Target::YCloudSend, None, &wanted).is_none());
        assert_eq!(faults.list()[0].fired, 2);
    }

    #[test]
    fn times_left_out_is_once_and_null_is_for_ever() {
        let once: Fault = serde_json::from_value(serde_json::json!({ "target": "smtp", "kind": "hang" })).unwrap();
        let always: Fault =
            serde_json::from_value(serde_json::json!({ "target": "smtp", "kind": "hang", "times": null })).unwrap();
        assert_eq!((once.times, always.times), (Some(1), None));
    }
}
