//! Templates: their life from submission to review, and what is refused.

use serde_json::{Value, json};

use crate::harness::{BUSINESS, CUSTOMER, Receiver, Sim, eventually};

const ACCOUNT: &str = "100000000000001";

fn message() -> Value {
    json!({"from": BUSINESS, "to": CUSTOMER, "type": "template",
           "template": {"name": "aviso", "language": {"code": "es_AR"}}})
}

async fn call(sim: &Sim, method: reqwest::Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let mut request = sim.client.request(method, format!("{}/ycloud/v2{path}", sim.base)).header("X-API-Key", "key");
    if let Some(body) = body {
        request = request.json(&body);
    }
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn a_template_is_submitted_reviewed_sent_and_deleted() {
    let receiver = Receiver::start().await;
    let sim = Sim::start(Some(&receiver.url));
    let (get, post, delete) = (reqwest::Method::GET, reqwest::Method::POST, reqwest::Method::DELETE);
    let new = json!({"wabaId": ACCOUNT, "name": "aviso", "language": "es_AR", "category": "UTILITY",
                     "components": [{"type": "BODY", "text": "Hola."}]});
    let (status, made) = call(&sim, post.clone(), "/whatsapp/templates", Some(new.clone())).await;
    assert_eq!((status, &made["status"]), (200, &json!("PENDING")));
    assert_eq!(call(&sim, post, "/whatsapp/templates", Some(new)).await.0, 409);
    assert_eq!(sim.send(&message()).await.unwrap().status(), 403, "not approved yet");
    sim.control("ycloud/template", json!({"name": "aviso", "language": "es_AR", "report": "reviewed", "status": "APPROVED"}))
        .await;
    let reviewed = eventually("the report", || async { receiver.events("whatsapp.template.reviewed").pop() }).await;
    assert_eq!(reviewed["whatsappTemplate"]["statusUpdateEvent"], "APPROVED");
    assert_eq!(sim.send(&message()).await.unwrap().status(), 200);
    let list = call(&sim, get, "/whatsapp/templates?filter.wabaId=100000000000001&filter.status=APPROVED", None).await.1;
    assert_eq!((list["length"].as_u64(), list["items"][0]["name"].as_str()), (Some(1), Some("aviso")));
    let address = format!("/whatsapp/templates/{ACCOUNT}/aviso/es_AR");
    assert_eq!(call(&sim, delete.clone(), &address, None).await.0, 200);
    assert_eq!(call(&sim, delete, &address, None).await.0, 404);
}
