//! Sending: validation, statuses, the service window, and every way a send call can go wrong.

use serde_json::{Value, json};

use crate::harness::{BUSINESS, CUSTOMER, Receiver, Sim, eventually, text};

const UPDATED: &str = "whatsapp.message.updated";

async fn accepted(sim: &Sim) -> u64 {
    sim.observe("ycloud/accepted/count").await["count"].as_u64().unwrap()
}

#[tokio::test]
async fn an_accepted_message_becomes_sent_and_delivered() {
    let receiver = Receiver::start().await;
    let sim = Sim::start(Some(&receiver.url));
    sim.open_window().await;
    let response = sim.send(&text("ext-1")).await.unwrap();
    assert!(response.headers().contains_key("YCloud-Request-ID"));
    let answer: Value = response.json().await.unwrap();
    assert_eq!((&answer["status"], &answer["externalId"]), (&json!("accepted"), &json!("ext-1")));
    assert!(answer["wamid"].is_string());
    let updates = eventually("two statuses", || async {
        let updates = receiver.events(UPDATED);
        (updates.len() == 2).then_some(updates)
    })
    .await;
    let statuses: Vec<_> = updates.iter().map(|event| &event["whatsappMessage"]["status"]).collect();
    assert_eq!(json!(statuses), json!(["sent", "delivered"]));
    assert!(updates.iter().all(|event| event["whatsappMessage"]["externalId"] == "ext-1"));
    sim.control("ycloud/status", json!({ "externalId": "ext-1", "status": "failed", "error": "131026" })).await;
    eventually("a failure after delivery", || async {
        receiver.events(UPDATED).iter().any(|it| it["whatsappMessage"]["errorCode"] == "131026").then_some(())
    })
    .await;
    let id = answer["id"].as_str().unwrap();
    let url = format!("{}/ycloud/v2/whatsapp/messages/{id}", sim.base);
    let kept: Value = sim.client.get(url).header("X-API-Key", "key").send().await.unwrap().json().await.unwrap();
    assert_eq!(kept["status"], "delivered");
}

#[tokio::test]
async fn refusals_carry_the_provider_s_codes() {
    let sim = Sim::start(None);
    let mut foreign = text("x");
    foreign["from"] = json!("+5493815559999");
    let mut long = text("x");
    long["text"]["body"] = json!("a".repeat(4097));
    let mut nobody = text("x");
    nobody["to"] = Value::Null;
    for (body, status, code) in
        [(foreign, 403, "WHATSAPP_PHONE_NUMBER_UNAVAILABLE"), (long, 400, "PARAM_INVALID_LENGTH"), (nobody, 400, "PARAM_MISSING")]
    {
        let response = sim.send(&body).await.unwrap();
        assert_eq!(response.status(), status);
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"]["code"], code);
    }
    let url = format!("{}/ycloud/v2/balance", sim.base);
    let response = sim.client.get(&url).header("X-API-Key", "other").send().await.unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(accepted(&sim).await, 0);
}

#[tokio::test]
async fn outside_the_window_the_refusal_comes_later() {
    let receiver = Receiver::start().await;
    let sim = Sim::start(Some(&receiver.url));
    assert_eq!(sim.send(&text("late")).await.unwrap().status(), 200);
    let event = eventually("the failed status", || async { receiver.events(UPDATED).first().cloned() }).await;
    assert_eq!(event["whatsappMessage"]["status"], "failed");
    assert_eq!(event["whatsappMessage"]["errorCode"], "131047");
}

#[tokio::test]
async fn a_reset_after_acting_leaves_an_accepted_message() {
    let receiver = Receiver::start().await;
    let sim = Sim::start(Some(&receiver.url));
    sim.open_window().await;
    sim.control("faults", json!({ "target": "ycloud.send", "kind": "reset_after" })).await;
    let error = sim.send(&text("lost-answer")).await.unwrap_err();
    assert!(error.is_request() && !error.is_timeout(), "{error:?}");
    assert_eq!(accepted(&sim).await, 1);
    eventually("its statuses", || async { (receiver.events(UPDATED).len() == 2).then_some(()) }).await;
    let url = format!("{}/ycloud/v2/whatsapp/messages?filter.to=%2B5493815550142&limit=100", sim.base);
    let list: Value = sim.client.get(url).header("X-API-Key", "key").send().await.unwrap().json().await.unwrap();
    assert_eq!(list["items"][0]["externalId"], "lost-answer");
}

#[tokio::test]
async fn a_reset_before_acting_leaves_nothing_and_faults_are_counted() {
    let sim = Sim::start(None);
    sim.control("faults", json!({ "target": "ycloud.send", "kind": "reset_before" })).await;
    let limit = json!({ "target": "ycloud.send", "kind": "rate_limit", "retry_after": 7, "match": { "to": CUSTOMER } });
    sim.control("faults", limit).await;
    assert!(sim.send(&text("a")).await.is_err());
    let limited = sim.send(&text("b")).await.unwrap();
    assert_eq!((limited.status().as_u16(), &limited.headers()["retry-after"]), (429, &"7".parse().unwrap()));
    assert_eq!(accepted(&sim).await, 0);
    let faults = sim.observe("faults").await;
    assert_eq!((&faults["items"][0]["fired"], &faults["items"][1]["fired"]), (&json!(1), &json!(1)));
    assert_eq!(sim.send(&text("c")).await.unwrap().status(), 200);
}

#[tokio::test]
async fn one_external_id_sent_twice_is_two_messages() {
    let sim = Sim::start(None);
    sim.send(&text("same")).await.unwrap();
    sim.send(&text("same")).await.unwrap();
    let list = sim.observe("ycloud/accepted?externalId=same").await;
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert_ne!(items[0]["id"], items[1]["id"]);
}

#[tokio::test]
async fn a_status_can_overtake_the_answer() {
    let receiver = Receiver::start().await;
    let sim = Sim::start(Some(&receiver.url));
    sim.open_window().await;
    sim.control("ycloud/config", json!({ "status_before_response": true, "auto_statuses": false })).await;
    sim.send(&text("early")).await.unwrap();
    assert_eq!(receiver.events(UPDATED)[0]["whatsappMessage"]["status"], "sent");
}

#[tokio::test]
async fn read_marks_typing_echo_and_media() {
    let receiver = Receiver::start().await;
    let sim = Sim::start(Some(&receiver.url));
    let image = json!({ "from": CUSTOMER, "type": "image", "content": { "caption": "foto" }, "wait": true });
    let id = sim.control("ycloud/inbound", image).await["id"].as_str().unwrap().to_owned();
    let url = format!("{}/ycloud/v2/whatsapp/inboundMessages/{id}", sim.base);
    for route in ["markAsRead", "typing", "typingIndicator"] {
        let response = sim.client.post(format!("{url}/{route}")).header("X-API-Key", "key").send().await.unwrap();
        assert_eq!(response.status(), 200, "{route}");
    }
    assert_eq!(sim.observe("ycloud/reads").await["items"][0]["id"], json!(id));
    assert_eq!(sim.observe("ycloud/typing").await["total"], 2);

    let link = receiver.events("whatsapp.inbound_message.received")[0]["whatsappInboundMessage"]["image"]["link"].clone();
    let link = link.as_str().unwrap();
    assert_eq!(sim.client.get(link).send().await.unwrap().headers()["content-type"], "image/png");
    sim.control("ycloud/config", json!({ "media_open_secs": 0 })).await;
    assert_eq!(sim.client.get(link).send().await.unwrap().status(), 401);
    assert_eq!(sim.client.get(link).header("X-API-Key", "key").send().await.unwrap().status(), 200);

    sim.control("ycloud/echo", json!({ "from": BUSINESS, "to": CUSTOMER, "text": "yo sigo", "wait": true })).await;
    assert_eq!(receiver.events("whatsapp.smb.message.echoes")[0]["whatsappMessage"]["text"]["body"], "yo sigo");
}

#[tokio::test]
async fn reset_forgets_what_happened_but_not_the_configuration() {
    let sim = Sim::start(None);
    sim.control("ycloud/config", json!({ "enforce_window": false })).await;
    sim.control("faults", json!({ "target": "ycloud.send", "kind": "hang", "times": null, "match": { "to": "+1" } })).await;
    sim.send(&text("x")).await.unwrap();
    sim.control("reset", json!({})).await;
    assert_eq!(accepted(&sim).await, 0);
    assert_eq!(sim.observe("faults").await["items"], json!([]));
    assert_eq!(sim.observe("ycloud/config").await["enforce_window"], false);
}

#[tokio::test]
async fn looking_at_the_phone_reads_what_was_delivered() {
    let receiver = Receiver::start().await;
    let sim = Sim::start(Some(&receiver.url));
    let say = json!({ "number": CUSTOMER, "business": BUSINESS, "name": "Lucía", "text": "hola" });
    let bubble = sim.client.post(format!("{}/phone/send", sim.base)).json(&say).send().await.unwrap();
    assert_eq!(bubble.json::<Value>().await.unwrap()["side"], "customer");
    sim.send(&text("seen")).await.unwrap();
    let chat = json!({ "number": CUSTOMER, "business": BUSINESS });
    sim.client.post(format!("{}/phone/seen", sim.base)).json(&chat).send().await.unwrap();
    eventually("a read status", || async {
        receiver.events(UPDATED).iter().any(|it| it["whatsappMessage"]["status"] == "read").then_some(())
    })
    .await;
    let shown = sim.client.get(format!("{}/phone/chat", sim.base)).query(&chat).send().await.unwrap();
    let shown: Value = shown.json().await.unwrap();
    assert_eq!(shown["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_server_goes_on_after_the_client_has_left() {
    let sim = Sim::start(None);
    sim.control("faults", json!({ "target": "ycloud.send", "kind": "delay", "delay_ms": 300 })).await;
    let url = format!("{}/ycloud/v2/whatsapp/messages/sendDirectly", sim.base);
    let impatient = sim.client.post(url).header("X-API-Key", "key").json(&text("slow"));
    let error = impatient.timeout(std::time::Duration::from_millis(50)).send().await.unwrap_err();
    assert!(error.is_timeout());
    eventually("the message", || async { (accepted(&sim).await == 1).then_some(()) }).await;
    sim.control("faults", json!({ "target": "ycloud.send", "kind": "server_error", "after": true })).await;
    assert_eq!(sim.send(&text("ambiguous")).await.unwrap().status(), 500);
    assert_eq!(accepted(&sim).await, 2);
}

#[tokio::test]
async fn webhook_endpoints_are_made_changed_and_removed_over_the_api() {
    let (receiver, sim) = (Receiver::start().await, Sim::start(None));
    let call = |method: reqwest::Method, path: String, body: Value| {
        let request =
            sim.client.request(method, format!("{}/ycloud/v2/webhookEndpoints{path}", sim.base)).header("X-API-Key", "key");
        async move { request.json(&body).send().await.unwrap() }
    };
    let body = json!({ "url": receiver.url, "enabledEvents": ["whatsapp.inbound_message.received"], "status": "active" });
    let made: Value = call(reqwest::Method::POST, String::new(), body).await.json().await.unwrap();
    let path = format!("/{}", made["id"].as_str().unwrap());
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    // Only what it is enabled for is sent to it.
    sim.send(&text("a status is not wanted")).await.unwrap();
    let inbound = json!({ "from": CUSTOMER, "to": BUSINESS, "text": "hola" });
    sim.control("ycloud/inbound", inbound.clone()).await;
    eventually("the event", || async { (receiver.events("whatsapp.inbound_message.received").len() == 1).then_some(()) }).await;
    assert!(receiver.events(UPDATED).is_empty());
    let rotated: Value = call(reqwest::Method::POST, format!("{path}/rotateSecret"), json!({})).await.json().await.unwrap();
    assert_ne!(rotated["secret"], made["secret"]);
    let changed = call(reqwest::Method::PATCH, path.clone(), json!({ "status": "disabled" })).await;
    assert_eq!(changed.json::<Value>().await.unwrap()["status"], "disabled");
    assert_eq!(call(reqwest::Method::PATCH, path.clone(), json!({ "status": "asleep" })).await.status(), 400);
    assert_eq!(call(reqwest::Method::DELETE, path.clone(), json!({})).await.status(), 200);
    assert_eq!(call(reqwest::Method::GET, path, json!({})).await.status(), 404);
}
