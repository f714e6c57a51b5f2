//! The edge, through the address that was given.

use reqwest::Client;
use serde_json::Value;

use super::finding::{Finding, Kind};
use super::report::Check;

const NAME: &str = "edge";

/// Asks for its health, then for its readiness.
pub(super) async fn check(http: &Client, address: Option<&str>) -> Check {
    let Some(address) = address.map(|address| address.trim_end_matches('/')) else {
        return Check::found(NAME, Finding::plain(Kind::EdgeNotGiven));
    };
    let Ok(health) = http.get(format!("{address}/health")).send().await else {
        return Check::found(NAME, Finding::about(Kind::EdgeUnreachable, [address]));
    };
    let status = health.status();
    let says: Value = health.json().await.unwrap_or_default();
    if !status.is_success() || says["status"] != "ok" {
        return Check::found(NAME, Finding::about(Kind::EdgeStrange, [address.to_owned(), status.as_u16().to_string()]));
    }
    match http.get(format!("{address}/ready")).send().await {
        Ok(ready) if ready.status().is_success() => Check::well(NAME, address),
        Ok(ready) => Check::found(NAME, Finding::about(Kind::EdgeNotReady, [missing(&ready.json().await.unwrap_or_default())])),
        Err(_) => Check::found(NAME, Finding::about(Kind::EdgeUnreachable, [address])),
    }
}

fn missing(says: &Value) -> String {
    let listed = says["missing"].as_array().into_iter().flatten().filter_map(Value::as_str);
    listed.collect::<Vec<_>>().join("; ")
}
