//! Setting up outside systems: what may be entered, who wins, and that a secret goes in and never comes out.

use orchestrator_service::auth::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::support::{Answer, Api, Client};

const KEY: &str = "sk-planted-0123456789abcdef";

pub async fn put(client: &Client, path: &str, etag: &str, body: &Value) -> Answer {
    client.clone().with("if-match", etag).send(Method::PUT, path, Some(body)).await
}

fn fields(refused: &Answer) -> Vec<String> {
    let errors = refused.json()["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_secret_goes_in_and_only_its_end_is_ever_shown() {
    let api = Api::new().await;
    let path = format!("/tenants/{}/integrations/openai", api.world.tenant);
    let administrator = api.member(api.world.tenant, Role::Administrator).await;
    let empty = administrator.get(&path).await.expect(200);
    assert_eq!((&empty.json()["is_set_up"], empty.etag().as_str()), (&json!(false), "\"0\""));
    let made = put(&administrator, &path, "\"0\"", &json!({"settings": {"model": "gpt-4.1"}, "secret": KEY})).await.expect(200);
    assert_eq!((&made.json()["mask"], &made.json()["state"]), (&json!("••••cdef"), &json!("unchecked")));
    // Changing what is not secret keeps the secret; it is never sent back, so nobody can send it again.
    let etag = made.etag();
    let changed = put(&administrator, &path, &etag, &json!({"settings": {"model": "gpt-4.1-mini"}})).await.expect(200);
    assert_eq!(changed.json()["mask"], "••••cdef");
    let late = put(&administrator, &path, &etag, &json!({"settings": {}})).await.expect(412);
    assert_eq!(late.json()["current"]["settings"]["model"], "gpt-4.1-mini");
    administrator.send(Method::PUT, &path, Some(&json!({"settings": {}}))).await.expect(428);
    let all = administrator.get(&format!("/tenants/{}/integrations", api.world.tenant)).await.expect(200);
    assert_eq!(all.json().as_array().unwrap().len(), 4);
    let audit: Vec<Value> = api.world.all("SELECT after FROM audit_log WHERE action = 'integration.changed' ORDER BY id").await;
    assert_eq!((audit.len(), &audit[0]["mask"]), (2, &json!("••••cdef")));
    for text in [made.text, changed.text, all.text, format!("{audit:?}")] {
        assert!(!text.contains(KEY), "{text}");
    }
}

#[tokio::test]
async fn a_stored_secret_is_not_sent_to_an_address_it_was_not_entered_for() {
    let api = Api::new().await;
    let path = format!("/tenants/{}/integrations/openai", api.world.tenant);
    let administrator = api.member(api.world.tenant, Role::Administrator).await;
    put(&administrator, &path, "*", &json!({"settings": {}, "secret": KEY})).await.expect(200);
    let elsewhere = json!({"settings": {"base_url": "https://models.example.com/v1"}});
    let refused = put(&administrator, &path, "*", &elsewhere).await.expect(422);
    assert_eq!(fields(&refused), ["secret"]);
    let with_secret = json!({"settings": elsewhere["settings"], "secret": "sk-another-0123456789"});
    put(&administrator, &path, "*", &with_secret).await.expect(200);
}

#[tokio::test]
async fn what_cannot_work_is_refused_by_field_and_without_repeating_it() {
    let api = Api::new().await;
    let administrator = api.member(api.world.tenant, Role::Administrator).await;
    let cases = [
        ("openai", json!({"settings": {}}), vec!["secret"]),
        ("openai", json!({"settings": {"base_url": "http://169.254.169.254/v1"}, "secret": KEY}), vec!["settings.base_url"]),
        ("openai", json!({"settings": {"base_url": "https://localhost/v1"}, "secret": KEY}), vec!["settings.base_url"]),
        ("openai", json!({"settings": {"key": KEY}, "secret": KEY}), vec!["settings.key"]),
        ("openai", json!({"settings": {"model": 7}, "secret": KEY}), vec!["settings.model"]),
        ("openai", json!({"settings": {}, "secret": KEY, "extra": 1}), vec!["extra"]),
        ("openai", json!({"settings": {}, "secret": "two words"}), vec!["secret"]),
        ("tiendanube", json!({"settings": {}, "secret": KEY}), vec!["settings.store_id"]),
        ("tiendanube", json!({"settings": {"store_id": "1/../2"}, "secret": KEY}), vec!["settings.store_id"]),
        ("google_calendar", json!({"settings": {}, "secret": "{\"type\": \"authorized_user\"}"}), vec!["secret"]),
        (
            "smtp",
            json!({"settings": {"host": "mail.example.com", "port": KEY, "security": "tls", "from": "a@b.example"}}),
            vec!["settings.port"],
        ),
        (
            "smtp",
            json!({"settings": {"host": "10.0.0.5", "port": 8080, "security": "none", "user": "u", "from": "x"}, "secret": KEY}),
            vec!["settings.host", "settings.port", "settings.security", "settings.from"],
        ),
    ];
    for (kind, body, expected) in cases {
        let path = format!("/tenants/{}/integrations/{kind}", api.world.tenant);
        let refused = put(&administrator, &path, "*", &body).await.expect(422);
        assert_eq!(fields(&refused), expected, "{body}");
        assert!(!refused.text.contains(KEY), "{}", refused.text);
    }
    let unknown = put(&administrator, &format!("/tenants/{}/integrations/fax", api.world.tenant), "*", &json!({})).await;
    unknown.expect(404);
    let stored: i64 = api.world.one("SELECT count(*) FROM integrations").await;
    assert_eq!(stored, 0);
}

#[tokio::test]
async fn what_is_forgotten_and_set_up_again_is_another_version() {
    let api = Api::new().await;
    let path = format!("/tenants/{}/integrations/openai", api.world.tenant);
    let administrator = api.member(api.world.tenant, Role::Administrator).await;
    let body = json!({"settings": {}, "secret": KEY});
    let first = put(&administrator, &path, "\"0\"", &body).await.expect(200);
    let remove = administrator.clone().with("if-match", &first.etag());
    remove.delete(&path).await.expect(204);
    remove.delete(&path).await.expect(404);
    let credentials: i64 = api.world.one("SELECT count(*) FROM credentials WHERE kind = 'openai_api_key'").await;
    assert_eq!(credentials, 0);
    let second = put(&administrator, &path, "\"0\"", &body).await.expect(200);
    assert_ne!(first.etag(), second.etag());
    put(&administrator, &path, &first.etag(), &body).await.expect(412);
}
