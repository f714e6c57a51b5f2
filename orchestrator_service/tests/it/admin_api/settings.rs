//! The settings of a business, and with them what every resource has: versions, field errors, the audit log.

use orchestrator_service::auth::Role;
use serde_json::{Value, json};

use super::support::Api;

#[tokio::test]
async fn an_administrator_changes_some_settings_and_the_rest_stays() {
    let api = Api::new().await;
    let path = format!("/tenants/{}/settings", api.world.tenant);
    let administrator = api.member(api.world.tenant, Role::Administrator).await;
    let before = administrator.get(&path).await.expect(200);
    assert_eq!(before.json()["name"], "Clínica Demo");
    let change = json!({"language": "pt", "burst_window_ms": 4000, "burst_ceiling_ms": null, "description": "x",
        "business_hours": {"sat": [["10:00", "12:30"]]}, "handoff_emails": ["equipo@example.com"]});
    let after = administrator.patch(&path, &before.etag(), &change).await.expect(200);
    assert_eq!(after.json()["language"], "pt");
    assert_eq!(after.json()["burst_ceiling_ms"], Value::Null);
    assert_eq!(after.json()["name"], "Clínica Demo");
    let read = administrator.get(&path).await.expect(200);
    assert_eq!((read.json(), read.etag()), (after.json(), after.etag()));
    let (before, after): (Value, Value) =
        sqlx::query_as("SELECT before, after FROM audit_log WHERE action = 'settings.changed' AND actor_kind = 'user'")
            .fetch_one(api.world.brain.db.pool())
            .await
            .unwrap();
    assert_eq!((&before["language"], &after["language"]), (&json!("es"), &json!("pt")));
}

#[tokio::test]
async fn of_two_editors_the_second_sees_what_the_first_one_did() {
    let api = Api::new().await;
    let path = format!("/tenants/{}/settings", api.world.tenant);
    let (one, two) =
        (api.member(api.world.tenant, Role::Administrator).await, api.member(api.world.tenant, Role::Administrator).await);
    let etag = one.get(&path).await.expect(200).etag();
    one.patch(&path, &etag, &json!({"name": "Uno"})).await.expect(200);
    let late = two.patch(&path, &etag, &json!({"name": "Dos"})).await.expect(412);
    assert_eq!((late.code().as_str(), &late.json()["current"]["name"]), ("version_outdated", &json!("Uno")));
    two.patch(&path, &late.etag(), &json!({"name": "Dos"})).await.expect(200);
    let careless = two.send(reqwest::Method::PATCH, &path, Some(&json!({"name": "Tres"}))).await.expect(428);
    assert_eq!(careless.code(), "version_missing");
}

#[tokio::test]
async fn every_mistake_is_named_and_nothing_is_changed() {
    let api = Api::new().await;
    let path = format!("/tenants/{}/settings", api.world.tenant);
    let administrator = api.member(api.world.tenant, Role::Administrator).await;
    let etag = administrator.get(&path).await.expect(200).etag();
    let change = json!({"name": " ", "language": "fr", "time_zone": "Mars/Base", "business_hours": {"lun": []},
        "burst_window_ms": -1, "silence_window_hours": 0, "handoff_emails": ["a@example.com", "nobody"]});
    let refused = administrator.patch(&path, &etag, &change).await.expect(422).json();
    let mut fields: Vec<&str> = refused["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
    fields.sort_unstable();
    let expected =
        ["burst_window_ms", "business_hours", "handoff_emails[1]", "language", "name", "silence_window_hours", "time_zone"];
    assert_eq!(fields, expected);
    assert!(refused["request_id"].as_str().unwrap().len() > 10);
    let unknown = administrator.patch(&path, &etag, &json!({"colour": "red"})).await.expect(422).json();
    assert_eq!((&unknown["errors"][0]["field"], &unknown["errors"][0]["code"]), (&json!("colour"), &json!("unknown")));
    let together = json!({"burst_window_ms": 5000, "burst_ceiling_ms": 4000});
    administrator.patch(&path, &etag, &together).await.expect(422);
    assert_eq!(administrator.get(&path).await.expect(200).etag(), etag);
}
