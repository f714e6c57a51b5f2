//! Connecting a number of YCloud, looking after it, and letting it go.

use nexus_core::provider::Provider;
use orchestrator_service::auth::Role;
use orchestrator_service::channels::secrets::{self, Place, SecretKind};
use reqwest::Method;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::support::{Api, Client};
use crate::support::FakeSystem;

const KEY: &str = "yc-planted-0123456789abcdef";
const NUMBER: &str = "+5493815550300";
const EVENTS: [&str; 3] = ["whatsapp.inbound_message.received", "whatsapp.message.updated", "whatsapp.smb.message.echoes"];

struct Desk {
    api: Api,
    administrator: Client,
    ycloud: FakeSystem,
    path: String,
}

impl Desk {
    async fn new() -> Self {
        let ycloud = FakeSystem::start().await;
        let api = Api::with(&[("YCLOUD_API_URL", ycloud.url.as_str()), ("WEBHOOK_BASE_URL", "https://edge.example.com")]).await;
        let administrator = api.member(api.world.tenant, Role::Administrator).await.with("accept-language", "en");
        ycloud.answers("GET /whatsapp/phoneNumbers", 200, numbers("CONNECTED"));
        ycloud.answers("GET /webhookEndpoints", 200, json!({"items": []}));
        ycloud.answers("POST /webhookEndpoints", 200, endpoint("https://edge.example.com/x", "whsec_first-0123456789"));
        let path = format!("/tenants/{}/channels", api.world.tenant);
        Self { api, administrator, ycloud, path }
    }

    async fn connect(&self, client: &Client) -> super::support::Answer {
        client.post(&self.path, &json!({"api_key": KEY, "phone_number": NUMBER})).await
    }

    async fn secret(&self, channel: &str, kind: SecretKind) -> Option<String> {
        let channel = nexus_core::ids::ChannelId(channel.parse().unwrap());
        let mut tx = self.api.world.brain.db.tenant(self.api.world.tenant).await.unwrap();
        let place = Place { channel, provider: Provider::YCloud, kind };
        let opened = secrets::open(&mut tx, &self.api.world.vault, place).await.unwrap();
        opened.map(|secret| secret.expose_secret().to_owned())
    }
}

fn numbers(status: &str) -> Value {
    json!({"items": [{"id": "1", "phoneNumber": NUMBER, "verifiedName": "Consultorio", "status": status, "qualityRating": "GREEN"}]})
}

fn endpoint(url: &str, secret: &str) -> Value {
    json!({"id": "wh1", "url": url, "enabledEvents": EVENTS, "status": "active", "secret": secret})
}

#[tokio::test]
async fn a_number_is_connected_with_its_key_and_its_webhook() {
    let desk = Desk::new().await;
    let listed = desk.administrator.post(&format!("{}/numbers", desk.path), &json!({"api_key": KEY})).await.expect(200).json();
    assert_eq!((&listed[0]["phone_number"], &listed[0]["is_connected"]), (&json!(NUMBER), &json!(false)));
    let made = desk.connect(&desk.administrator).await.expect(201);
    let channel = made.json();
    let id = channel["id"].as_str().unwrap().to_owned();
    assert_eq!((&channel["display_name"], &channel["key_mask"]), (&json!("Consultorio"), &json!("••••cdef")));
    assert_eq!((&channel["health"]["webhook_state"], &channel["has_webhook_secret"]), (&json!("active"), &json!(true)));
    assert!(channel["assistant_id"].is_string(), "the first assistant answers on it");
    assert_eq!(desk.secret(&id, SecretKind::ApiKey).await.as_deref(), Some(KEY));
    assert_eq!(desk.secret(&id, SecretKind::WebhookSecret).await.as_deref(), Some("whsec_first-0123456789"));
    let asked = desk.ycloud.asked();
    let registered: Value =
        serde_json::from_slice(&asked.iter().find(|asked| asked.line == "POST /webhookEndpoints").unwrap().body).unwrap();
    assert_eq!(registered["url"], channel["webhook_url"]);
    assert!(!made.text.contains(KEY) && !made.text.contains("whsec_"), "{}", made.text);
    // Who may not change channels does not see the address that is as good as a key.
    let agent = desk.api.member(desk.api.world.tenant, Role::Agent).await;
    assert_eq!(agent.get(&format!("{}/{id}", desk.path)).await.expect(200).json()["webhook_url"], Value::Null);
}

#[tokio::test]
async fn a_repeated_request_connects_once_and_a_number_has_one_owner() {
    let desk = Desk::new().await;
    let once = desk.administrator.clone().with("idempotency-key", "k1");
    let first = desk.connect(&once).await.expect(201).json();
    assert_eq!(desk.connect(&once).await.expect(201).json()["id"], first["id"]);
    assert_eq!(desk.connect(&desk.administrator).await.expect(409).code(), "number_taken");
    let (other, _) = desk.api.world.add_tenant("+5493815550200").await;
    let stranger = desk.api.member(other, Role::Administrator).await;
    let refused =
        stranger.post(&format!("/tenants/{other}/channels"), &json!({"api_key": KEY, "phone_number": NUMBER})).await.expect(409);
    assert_eq!(refused.code(), "number_taken");
    assert!(!refused.text.contains(&desk.api.world.tenant.to_string()) && !refused.text.contains("Clínica"), "{}", refused.text);
}

#[tokio::test]
async fn a_key_that_does_not_have_the_number_connects_nothing() {
    let desk = Desk::new().await;
    let wanted = json!({"api_key": KEY, "phone_number": "+5493815550999"});
    let refused = desk.administrator.post(&desk.path, &wanted).await.expect(422).json();
    assert_eq!(refused["errors"][0]["field"], "phone_number");
    desk.ycloud.answers("GET /whatsapp/phoneNumbers", 401, json!({"error": {"code": "UNAUTHORIZED", "message": KEY}}));
    let refused = desk.connect(&desk.administrator).await.expect(422);
    assert_eq!((&refused.json()["errors"][0]["field"], refused.text.contains(KEY)), (&json!("api_key"), false));
    desk.ycloud.answers_page("GET /whatsapp/phoneNumbers", 502);
    assert_eq!(desk.connect(&desk.administrator).await.expect(424).code(), "outside_failed");
    let channels: i64 = desk.api.world.one("SELECT count(*) FROM channels").await;
    assert_eq!(channels, 1, "only the one the tenant had before");
}

#[tokio::test]
async fn secrets_are_replaced_and_the_one_before_stays_good() {
    let desk = Desk::new().await;
    let id = desk.connect(&desk.administrator).await.expect(201).json()["id"].as_str().unwrap().to_owned();
    let channel = format!("{}/{id}", desk.path);
    desk.api.world.run("UPDATE channels SET credentials_refused_at = now()").await;
    desk.ycloud.answers("POST /webhookEndpoints/wh1/rotateSecret", 200, endpoint("https://x.example", "whsec_second-012345678"));
    desk.administrator.post(&format!("{channel}/webhook/rotate"), &json!({})).await.expect(200);
    assert_eq!(desk.secret(&id, SecretKind::WebhookSecret).await.as_deref(), Some("whsec_second-012345678"));
    assert_eq!(desk.secret(&id, SecretKind::PreviousWebhookSecret).await.as_deref(), Some("whsec_first-0123456789"));
    let new = json!({"api_key": "yc-second-0123456789abcd", "webhook_secret": "whsec_third-0123456789"});
    let replaced = desk.administrator.put(&format!("{channel}/credentials"), &new).await.expect(200).json();
    assert_eq!((&replaced["key_mask"], &replaced["health"]["credentials_refused_at"]), (&json!("••••abcd"), &Value::Null));
    assert_eq!(desk.secret(&id, SecretKind::PreviousWebhookSecret).await.as_deref(), Some("whsec_second-012345678"));
    desk.administrator.put(&format!("{channel}/credentials"), &json!({})).await.expect(422);
    // A crash between YCloud's answer and our note of it is mended by asking again.
    let url = replaced["webhook_url"].as_str().unwrap();
    desk.ycloud.answers("GET /webhookEndpoints", 200, json!({"items": [endpoint(url, "whsec_fourth-012345678")]}));
    desk.administrator.post(&format!("{channel}/webhook"), &json!({})).await.expect(200);
    assert_eq!(desk.secret(&id, SecretKind::WebhookSecret).await.as_deref(), Some("whsec_fourth-012345678"));
}

#[tokio::test]
async fn a_channel_says_what_is_wrong_with_it() {
    let desk = Desk::new().await;
    let made = desk.connect(&desk.administrator).await.expect(201).json();
    let channel = format!("{}/{}", desk.path, made["id"].as_str().unwrap());
    let own = made["webhook_url"].as_str().unwrap().to_owned();
    let test = async || desk.administrator.post(&format!("{channel}/test"), &json!({})).await.expect(200).json();
    let last = |answer: &Value| answer["steps"].as_array().unwrap().last().unwrap()["words"].as_str().unwrap().to_owned();

    let answer = test().await;
    assert_eq!((&answer["state"], answer["steps"].as_array().unwrap().len()), (&json!("misconfigured"), 3));
    assert!(last(&answer).contains("not registered"), "{answer}");
    let mut pending = endpoint(&own, "whsec_x-0123456789");
    pending["status"] = json!("pending");
    desk.ycloud.answers("GET /webhookEndpoints", 200, json!({"items": [pending]}));
    assert!(last(&test().await).contains("stopped calling"));
    desk.ycloud.answers("GET /webhookEndpoints", 200, json!({"items": [endpoint(&own, "whsec_x-0123456789")]}));
    assert_eq!(test().await["state"], "working");
    let health = desk.administrator.get(&channel).await.expect(200).json()["health"].clone();
    assert_eq!((&health["quality"], &health["webhook_state"]), (&json!("GREEN"), &json!("active")));
    desk.ycloud.answers("GET /whatsapp/phoneNumbers", 200, numbers("BANNED"));
    let answer = test().await;
    assert_eq!((&answer["state"], &answer["steps"][1]["ok"]), (&json!("suspended"), &json!(false)));
    assert!(answer["steps"][1]["words"].as_str().unwrap().contains("BANNED"));
    desk.ycloud.answers("GET /whatsapp/phoneNumbers", 200, json!({"items": []}));
    assert_eq!(test().await["state"], "misconfigured");
    desk.ycloud.answers("GET /whatsapp/phoneNumbers", 403, json!({"error": {"code": "BALANCE_INSUFFICIENT"}}));
    assert_eq!(test().await["state"], "suspended");
    desk.ycloud.answers("GET /whatsapp/phoneNumbers", 401, json!({"error": {"code": "UNAUTHORIZED"}}));
    assert_eq!(test().await["state"], "needs_reauth");
}

#[tokio::test]
async fn a_channel_is_edited_let_go_and_comes_back_with_what_was_said() {
    let desk = Desk::new().await;
    let made = desk.connect(&desk.administrator).await.expect(201).json();
    let id = made["id"].as_str().unwrap().to_owned();
    let channel = format!("{}/{id}", desk.path);
    let etag = desk.administrator.get(&channel).await.expect(200).etag();
    let change = json!({"display_name": "Recepción", "marks_read": false, "assistant_id": null});
    let edited = desk.administrator.patch(&channel, &etag, &change).await.expect(200);
    assert_eq!((&edited.json()["display_name"], &edited.json()["assistant_id"]), (&json!("Recepción"), &Value::Null));
    desk.administrator.patch(&channel, &etag, &change).await.expect(412);
    let stranger = json!({"assistant_id": uuid::Uuid::now_v7()});
    desk.administrator.patch(&channel, &edited.etag(), &stranger).await.expect(422);

    desk.ycloud.answers("DELETE /webhookEndpoints/wh1", 200, endpoint("https://x.example", "whsec_x-0123456789"));
    desk.administrator.clone().with("if-match", &edited.etag()).send(Method::DELETE, &channel, None).await.expect(204);
    desk.administrator.get(&channel).await.expect(404);
    assert!(desk.ycloud.asked().iter().any(|asked| asked.line == "DELETE /webhookEndpoints/wh1"));
    assert_eq!(desk.secret(&id, SecretKind::ApiKey).await, None);
    let again = desk.connect(&desk.administrator).await.expect(201).json();
    assert_eq!(again["id"], json!(id), "the same channel, so its conversations are there again");
    assert_ne!(again["webhook_url"], made["webhook_url"]);
    let actions: Vec<String> = desk.api.world.all("SELECT action FROM audit_log WHERE object_kind = 'channel' ORDER BY id").await;
    assert!(actions.contains(&"channel.disconnected".to_owned()) && actions.contains(&"channel.changed".to_owned()));
}
