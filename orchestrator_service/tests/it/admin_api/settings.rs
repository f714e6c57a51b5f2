//! The settings of a business, and with them what every resource has: versions, field errors, the audit log.

use nexus_core::seam::inbox::Origin;
use orchestrator_service::auth::Role;
use orchestrator_service::retention;
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

#[tokio::test]
async fn days_off_are_kept_in_order_and_the_assistant_knows_them() {
    let api = Api::new().await;
    let path = format!("/tenants/{}/settings", api.world.tenant);
    let administrator = api.member(api.world.tenant, Role::Administrator).await;
    let dates = json!([{"date": "2031-12-24", "name": "Nochebuena"}, {"date": "2031-02-03", "name": "Inventario"}]);
    let change = json!({"country": "AR", "closed_on_holidays": true, "closed_dates": dates, "retention_message_days": 365});
    let after = administrator.patch(&path, "*", &change).await.expect(200).json();
    assert_eq!((&after["country"], &after["closed_dates"][0]["name"]), (&json!("AR"), &json!("Inventario")));
    let mut tx = api.world.brain.db.tenant(api.world.tenant).await.unwrap();
    let off = orchestrator_service::tools::days_off::DaysOff::of_tenant(&mut tx).await.unwrap();
    let day = |text: &str| text.parse().unwrap();
    assert_eq!(off.on(day("2031-02-03")), Some("Inventario"));
    let christmas = format!("{}-12-25", chrono::Datelike::year(&chrono::Utc::now()));
    assert_eq!(off.on(day(&christmas)), Some("Navidad"));
    for (bad, field) in [
        (json!({"closed_dates": [{"date": "2031-02-30", "name": "x"}]}), "closed_dates[0].date"),
        (json!({"closed_dates": [{"date": "2031-02-03", "name": " "}]}), "closed_dates[0].name"),
        (
            json!({"closed_dates": [{"date": "2031-02-03", "name": "a"}, {"date": "2031-02-03", "name": "b"}]}),
            "closed_dates[1].date",
        ),
        (json!({"country": "XX"}), "country"),
        (json!({"retention_message_days": 1}), "retention_message_days"),
    ] {
        let refused = administrator.patch(&path, "*", &bad).await.expect(422).json();
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    let holidays = administrator.get(&format!("/tenants/{}/holidays?country=BR&year=2026", api.world.tenant)).await;
    assert_eq!(holidays.expect(200).json()[0], json!({"date": "2026-01-01", "name": "Confraternização Universal"}));
}

#[tokio::test]
async fn what_a_business_does_not_keep_goes_and_what_waits_for_a_person_stays() {
    let api = Api::new().await;
    let world = &api.world;
    let (other, _) = world.add_tenant("+5493815550200").await;
    world.receive("old").await;
    world.run("UPDATE chat_messages SET sent_at = now() - interval '40 days'").await;
    world.run("UPDATE chat_conversations SET last_message_at = now() - interval '40 days', last_message_preview = 'old'").await;
    world.receive_from(world.tenant, world.channel, "+5493815550177", Origin::Contact, "new").await;
    world
        .run(
            "INSERT INTO webhook_events (provider, event_id, channel_id, body, state, received_at)
             SELECT 'ycloud', state || days, c.id, 'x', state, now() - days * interval '1 day'
             FROM (SELECT id FROM channels ORDER BY id LIMIT 1) c, unnest(ARRAY['projected', 'parked', 'received']) state,
                  unnest(ARRAY[3, 40]) days",
        )
        .await;
    let bodies = "SELECT event_id FROM webhook_events WHERE body IS NULL ORDER BY 1";
    retention::apply(&world.brain.db).await.unwrap();
    assert_eq!(world.one::<i64>("SELECT count(*) FROM chat_messages").await, 2, "nobody has said that messages go");
    assert_eq!(world.all::<String>(bodies).await, ["projected40"]);

    sqlx::query(
        "UPDATE tenants SET retention_message_days = 30, retention_webhook_days = 1, retention_trace_days = 1 WHERE id <> $1",
    )
    .bind(other)
    .execute(world.brain.db.pool())
    .await
    .unwrap();
    retention::apply(&world.brain.db).await.unwrap();
    assert_eq!(world.all::<String>("SELECT body FROM chat_messages").await, ["new"]);
    assert_eq!(world.one::<i64>("SELECT count(*) FROM chat_conversations WHERE last_message_preview = 'old'").await, 0);
    assert_eq!(world.all::<String>(bodies).await, ["projected3", "projected40"]);
    assert_eq!(world.one::<i64>("SELECT count(*) FROM webhook_events").await, 6, "the duplicate guard stays whole");
}
