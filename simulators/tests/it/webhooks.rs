//! Events reach receivers signed, are retried, duplicated and sent raw as asked.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use crate::harness::{CUSTOMER, Delivered, Receiver, SECRET, Sim, eventually};

fn signature_is_right(delivered: &Delivered) -> bool {
    let (time, digest) = delivered.signature.split_once(',').unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(time.strip_prefix("t=").unwrap().as_bytes());
    mac.update(b".");
    mac.update(&delivered.body);
    digest.strip_prefix("s=").unwrap() == hex::encode(mac.finalize().into_bytes())
}

#[tokio::test]
async fn a_customer_message_arrives_signed() {
    let receiver = Receiver::start().await;
    let sim = Sim::start(Some(&receiver.url));
    let answer = sim.control("ycloud/inbound", json!({ "from": CUSTOMER, "name": "Lucía", "text": "hola", "wait": true })).await;
    assert_eq!(answer["deliveries"][0]["status"], 200);
    let delivered = receiver.delivered();
    let [only] = delivered.as_slice() else { panic!("one event expected") };
    assert!(signature_is_right(only));
    assert!(only.endpoint_id.starts_with("wh"));
    let event = only.json();
    assert_eq!(event["id"], answer["event_id"]);
    assert_eq!(event["apiVersion"], "v2");
    let message = &event["whatsappInboundMessage"];
    assert_eq!((&message["wamid"], &message["from"]), (&answer["wamid"], &json!(CUSTOMER)));
    assert_eq!(message["text"]["body"], "hola");
    assert_eq!(message["customerProfile"]["name"], "Lucía");
}

#[tokio::test]
async fn a_refused_event_is_retried_with_the_same_bytes() {
    let receiver = Receiver::start().await;
    let sim = Sim::start(Some(&receiver.url));
    sim.control("ycloud/config", json!({ "retry_scale": 0.001 })).await;
    receiver.refuse(2);
    let answer = sim.control("ycloud/inbound", json!({ "from": CUSTOMER, "text": "hola" })).await;
    let path = format!("ycloud/deliveries?event_id={}", answer["event_id"].as_str().unwrap());
    let delivery = eventually("the third attempt", || async {
        let delivery = sim.observe(&path).await["items"][0].clone();
        (delivery["state"] == "delivered").then_some(delivery)
    })
    .await;
    let statuses: Vec<_> = delivery["attempts"].as_array().unwrap().iter().map(|it| it["status"].clone()).collect();
    assert_eq!(json!(statuses), json!([503, 503, 200]));
    let delivered = receiver.delivered();
    assert!(delivered.iter().all(|it| signature_is_right(it) && it.body == delivered[0].body));
}

#[tokio::test]
async fn after_eight_refusals_an_event_is_gone() {
    let receiver = Receiver::start().await;
    let sim = Sim::start(Some(&receiver.url));
    sim.control("ycloud/config", json!({ "retry_scale": 0.0 })).await;
    receiver.refuse(u32::MAX);
    sim.control("ycloud/inbound", json!({ "from": CUSTOMER, "text": "hola" })).await;
    eventually("giving up", || async {
        (sim.observe("ycloud/deliveries").await["items"][0]["state"] == "gave_up").then_some(())
    })
    .await;
    assert_eq!(receiver.delivered().len(), 8);
}

#[tokio::test]
async fn raw_events_copies_and_wrong_signatures() {
    let receiver = Receiver::start().await;
    let sim = Sim::start(Some(&receiver.url));
    sim.control("ycloud/event", json!({ "raw": "not json", "sign": "wrong", "copies": 3, "wait": true })).await;
    let delivered = receiver.delivered();
    assert_eq!(delivered.len(), 3);
    assert!(delivered.iter().all(|it| !signature_is_right(it) && it.body == "not json"));
    sim.control("ycloud/event", json!({ "body": [{ "a": 1 }], "sign": false, "wait": true })).await;
    assert_eq!(receiver.delivered()[3].signature, "");
}
