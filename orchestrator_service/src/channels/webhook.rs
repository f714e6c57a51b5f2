//! Who calls a channel's own URL. Found by the URL, which no other channel has: so it may be made again after a crash
//! without a second one coming into being, and its secret can be read again.

use super::ycloud::{Endpoint, YCloud};
use crate::integrations::finding::Finding;

/// The path at the edge that takes the events of one channel.
#[must_use]
pub fn path(provider: &str, webhook_key: &str) -> String {
    format!("/webhook/{provider}/{webhook_key}")
}

/// The endpoint of this URL: found, mended or made.
pub async fn ensure(ycloud: &YCloud<'_>, url: &str) -> Result<Endpoint, Finding> {
    let known = ycloud.endpoints().await?.into_iter().find(|endpoint| endpoint.url == url);
    match known {
        Some(known) if known.status == "active" && !known.lacks_events() => Ok(known),
        Some(known) => {
            let mended = ycloud.mend_endpoint(&known).await?;
            Ok(Endpoint { secret: mended.secret.or(known.secret), ..mended })
        }
        None => ycloud.create_endpoint(url).await,
    }
}

/// What the endpoints of an account say about a channel: whether one of them calls it, and how that one is.
#[must_use]
pub fn finding(endpoints: &[Endpoint], webhook_key: &str) -> (Finding, &'static str) {
    let own = path("ycloud", webhook_key);
    // Older set-ups use the installation's shared URL.
    let calls_us = |endpoint: &&Endpoint| {
        let path = reqwest::Url::parse(&endpoint.url).map(|url| url.path().trim_end_matches('/').to_owned()).unwrap_or_default();
        [own.as_str(), "/webhook/ycloud", "/webhook"].iter().any(|known| path.ends_with(known))
    };
    let found = endpoints.iter().filter(calls_us);
    let best = found.min_by_key(|endpoint| (endpoint.status != "active", endpoint.lacks_events()));
    match best.map(|endpoint| (endpoint.status.as_str(), endpoint.lacks_events())) {
        None => (Finding::WebhookMissing, "missing"),
        Some(("pending", _)) => (Finding::WebhookPending, "pending"),
        Some(("disabled", _)) => (Finding::WebhookDisabled, "disabled"),
        Some((_, true)) => (Finding::WebhookIncomplete, "active"),
        Some((_, false)) => (Finding::WebhookActive, "active"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::ycloud::EVENTS;

    fn endpoint(url: &str, status: &str, events: usize) -> Endpoint {
        let events = EVENTS.iter().take(events).map(|event| (*event).to_owned()).collect();
        Endpoint { id: "wh1".to_owned(), url: url.to_owned(), status: status.to_owned(), secret: None, events }
    }

    #[test]
    fn an_endpoint_is_judged_by_what_it_calls_and_how_it_is() {
        let own = "https://edge.example/webhook/ycloud/abc";
        let cases = [
            (vec![], Finding::WebhookMissing),
            (vec![endpoint("https://other.example/hook", "active", 3)], Finding::WebhookMissing),
            (vec![endpoint("https://edge.example/webhook/ycloud/other", "active", 3)], Finding::WebhookMissing),
            (vec![endpoint(own, "active", 3)], Finding::WebhookActive),
            (vec![endpoint("https://edge.example/webhook/ycloud", "active", 3)], Finding::WebhookActive),
            (vec![endpoint(own, "active", 2)], Finding::WebhookIncomplete),
            (vec![endpoint(own, "pending", 3)], Finding::WebhookPending),
            (vec![endpoint(own, "disabled", 3), endpoint(own, "active", 3)], Finding::WebhookActive),
        ];
        for (endpoints, expected) in cases {
            assert_eq!(finding(&endpoints, "abc").0, expected, "{endpoints:?}");
        }
    }
}
