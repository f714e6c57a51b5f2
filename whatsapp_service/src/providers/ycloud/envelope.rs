//! The few fields of an event that are needed before anyone is believed: its id, and whose number it is about.
//! Reads them without copying the body and without trusting any type.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

/// Ids of the contract have 6 to 128 characters; what is longer is replaced by its hash.
const MAX_EVENT_ID: usize = 128;

/// One event of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The provider's id, or `sha256:…` of the bytes.
    pub event_id: String,
    /// The event's own bytes, shared with the request.
    pub bytes: Bytes,
}

impl Envelope {
    /// The business' number in the event, if it names one. Read when it is asked for: most installations have no channel
    /// with a secret of its own, and then nobody asks.
    #[must_use]
    pub fn business_number(&self) -> Option<String> {
        business_number(&serde_json::from_slice(&self.bytes).ok()?)
    }
}

#[derive(Deserialize)]
struct Identified<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Outer<'a> {
    #[serde(borrow, rename = "whatsappInboundMessage")]
    inbound: Option<&'a RawValue>,
    #[serde(borrow, rename = "whatsappMessage")]
    outbound: Option<&'a RawValue>,
    #[serde(borrow, rename = "whatsappPhoneNumber")]
    number: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Numbers<'a> {
    #[serde(borrow)]
    to: Option<&'a RawValue>,
    #[serde(borrow)]
    from: Option<&'a RawValue>,
    #[serde(borrow, rename = "phoneNumber")]
    phone_number: Option<&'a RawValue>,
}

/// The events of a request: one, or each of an array. What is not JSON is one event with its hash for an id.
#[must_use]
pub fn split(body: &Bytes) -> Vec<Envelope> {
    let is_array = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    if is_array && let Ok(elements) = serde_json::from_slice::<Vec<&RawValue>>(body) {
        return elements.into_iter().map(|element| read(body.slice_ref(element.get().as_bytes()))).collect();
    }
    vec![read(body.clone())]
}

fn read(bytes: Bytes) -> Envelope {
    let identified = serde_json::from_slice::<Identified<'_>>(&bytes).ok();
    let event_id = identified
        .and_then(|identified| text(identified.id))
        .filter(|id| !id.is_empty() && id.len() <= MAX_EVENT_ID && !id.contains('\0'))
        .map_or_else(|| format!("sha256:{}", hex::encode(Sha256::digest(&bytes))), Cow::into_owned);
    Envelope { event_id, bytes }
}

/// Inbound messages name the business in `to`, outbound ones in `from`.
fn business_number(outer: &Outer<'_>) -> Option<String> {
    let numbers = |object: Option<&RawValue>| serde_json::from_str::<Numbers<'_>>(object?.get()).ok().map(own);
    fn own(numbers: Numbers<'_>) -> [Option<String>; 3] {
        [numbers.to, numbers.from, numbers.phone_number].map(|value| text(value).map(Cow::into_owned))
    }
    if let Some([to, ..]) = numbers(outer.inbound) {
        return to;
    }
    if let Some([_, from, _]) = numbers(outer.outbound) {
        return from;
    }
    numbers(outer.number).and_then(|[.., number]| number)
}

fn text(value: Option<&RawValue>) -> Option<Cow<'_, str>> {
    let json = value?.get();
    // Most strings have no escapes and can be borrowed.
    serde_json::from_str::<&str>(json).map(Cow::Borrowed).or_else(|_| serde_json::from_str::<String>(json).map(Cow::Owned)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(body: &str) -> Envelope {
        let mut events = split(&Bytes::from(body.to_owned()));
        assert_eq!(events.len(), 1);
        events.remove(0)
    }

    #[test]
    fn reads_id_and_number_whichever_side_wrote() {
        let inbound = one(r#"{"id":"evt_1","whatsappInboundMessage":{"to":"+549","from":"+541"}}"#);
        assert_eq!((inbound.event_id.as_str(), inbound.business_number().as_deref()), ("evt_1", Some("+549")));
        let outbound = one(r#"{"id":"evt_2","whatsappMessage":{"to":"+541","from":"+549"}}"#);
        assert_eq!(outbound.business_number().as_deref(), Some("+549"));
    }

    #[test]
    fn splits_an_array_and_keeps_each_element_as_it_came() {
        let events = split(&Bytes::from_static(b" [ {\"id\":\"evt_1\"} , 7, {\"id\":\"evt_2\"} ]"));
        let bodies: Vec<&[u8]> = events.iter().map(|event| event.bytes.as_ref()).collect();
        assert_eq!(bodies, [b"{\"id\":\"evt_1\"}".as_slice(), b"7", b"{\"id\":\"evt_2\"}"]);
        assert_eq!(events[2].event_id, "evt_2");
    }

    #[test]
    fn what_has_no_usable_id_is_known_by_its_bytes() {
        let long = format!(r#"{{"id":"{}"}}"#, "x".repeat(200));
        for body in ["", "not json", "[1,", "null", r#"{"id":7}"#, r#"{"id":"a\u0000b"}"#, &long] {
            let event = one(body);
            assert!(event.event_id.starts_with("sha256:"), "{body}");
            assert_eq!(one(body).event_id, event.event_id);
        }
    }
}
