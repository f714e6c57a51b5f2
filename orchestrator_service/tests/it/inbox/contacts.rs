//! Contacts: edited by two, merged, exported, forgotten.

use orchestrator_service::turns::take_turn;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use super::Desk;
use crate::support::world::CUSTOMER;

const MARKER: &str = "zanahoriazul";

impl Desk {
    async fn contact_of(&self, conversation: nexus_core::ids::ConversationId) -> String {
        let view = self.agent.get(&self.of(conversation, "")).await.expect(200).json();
        view["contact"]["id"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn two_people_who_edit_a_contact_do_not_overwrite_each_other() {
    let desk = Desk::open().await;
    let contact = desk.contact_of(desk.receive_from(CUSTOMER, "hola").await).await;
    let path = format!("{}/contacts/{contact}", desk.path);
    let etag = desk.agent.get(&path).await.expect(200).etag();
    desk.agent.patch(&path, &etag, &json!({ "name": "Lucía Pérez", "custom_attributes": { "vip": true } })).await.expect(200);
    assert_eq!(desk.admin.patch(&path, &etag, &json!({ "notes": "x" })).await.expect(412).code(), "version_outdated");
    desk.receive_from(CUSTOMER, "otra").await;
    assert_eq!(desk.agent.get(&path).await.expect(200).json()["name"], "Lucía Pérez", "the profile does not rename it back");
    assert_eq!(desk.ids("view=all&q=lucia%20per", 50).await.len(), 1);
    desk.agent.put(&format!("{path}/block"), &json!({})).await.expect(200);
    assert!(desk.agent.get(&path).await.expect(200).json()["blocked_at"].is_string());
    desk.agent.delete(&format!("{path}/block")).await.expect(200);
}

#[tokio::test]
async fn merging_keeps_both_open_conversations() {
    let desk = Desk::open().await;
    let one = desk.receive_from("+5493815550001", "uno").await;
    let two = desk.receive_from("+5493815550002", "dos").await;
    let (kept, other) = (desk.contact_of(one).await, desk.contact_of(two).await);
    let merge = format!("{}/contacts/{kept}/merge", desk.path);
    let merged = desk.agent.post(&merge, &json!({ "other_id": other })).await.expect(200).json();
    assert_eq!(merged["conversations"].as_array().unwrap().len(), 2);
    assert_eq!(merged["identities"].as_array().unwrap().len(), 2);
    desk.agent.get(&format!("{}/contacts/{other}", desk.path)).await.expect(404);
    assert_eq!(desk.ids("view=all", 50).await.len(), 2, "both threads are there");
    for (who, text) in [("+5493815550001", "de nuevo"), ("+5493815550002", "otra vez")] {
        assert_eq!(desk.receive_from(who, text).await, two, "new messages go to the younger thread");
    }
    assert_eq!(desk.api.world.one::<i64>("SELECT count(*) FROM chat_messages").await, 4);
}

#[tokio::test]
async fn an_erased_contact_leaves_nothing_anywhere() {
    let desk = Desk::open().await;
    let world = &desk.api.world;
    let conversation = desk.receive_from(CUSTOMER, MARKER).await;
    let kept = desk.receive_from("+5493815559999", "me quedo").await;
    world.model.calls("c", "request_handoff", &json!({ "reason": MARKER, "summary": MARKER }));
    world.model.says(MARKER);
    for turn in orchestrator_service::turns::claim(&world.brain.db, 16, crate::support::world::LEASE).await.unwrap() {
        if turn.conversation == conversation {
            take_turn(&world.brain, &turn).await.unwrap();
        }
    }
    desk.send(conversation, "k", MARKER).await;
    desk.agent.post(&desk.of(conversation, "/notes"), &json!({ "body": MARKER })).await.expect(201);
    let contact = desk.contact_of(conversation).await;
    let path = format!("{}/contacts/{contact}", desk.path);
    let etag = desk.agent.get(&path).await.expect(200).etag();
    let edit = json!({ "name": MARKER, "notes": MARKER, "custom_attributes": { "a": MARKER } });
    desk.agent.patch(&path, &etag, &edit).await.expect(200);
    for (event, channel, from) in
        [("e1", Some(world.channel), CUSTOMER), ("e2", None, CUSTOMER), ("e3", Some(world.channel), "+5493815559999")]
    {
        let body =
            format!(r#"{{"from":"{from}","to":"+5493815550100","text":"{}"}}"#, if event == "e3" { "me quedo" } else { MARKER });
        sqlx::query(
            "INSERT INTO webhook_events (provider, event_id, channel_id, body, state) VALUES ('ycloud', $1, $2, $3, 'parked')",
        )
        .bind(event)
        .bind(channel)
        .bind(body.as_bytes())
        .execute(world.brain.db.pool())
        .await
        .unwrap();
    }
    let export = desk.admin.get(&format!("{path}/export")).await.expect(200).json();
    assert_eq!(export["messages"].as_array().unwrap().len(), 3);
    assert_eq!(export["contact"]["notes"], MARKER);

    desk.agent.delete(&path).await.expect(403);
    desk.admin.delete(&path).await.expect(204);
    let tables: Vec<String> =
        world.all("SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'").await;
    for table in tables {
        let bodies = if table == "webhook_events" { "convert_from(coalesce(body, ''), 'UTF8')" } else { "''" };
        let sql = format!("SELECT count(*) FROM {table} AS t WHERE t::text LIKE '%{MARKER}%' OR {bodies} LIKE '%{MARKER}%'");
        let left: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(world.brain.db.pool()).await.unwrap();
        assert_eq!(left, 0, "{table}");
    }
    assert_eq!(world.one::<i64>("SELECT count(*) FROM webhook_events WHERE body IS NOT NULL").await, 1);
    let others: Value = desk.agent.get(&desk.of(kept, "/messages")).await.expect(200).json();
    assert_eq!(others["items"][0]["body"], "me quedo");
    desk.admin.delete(&path).await.expect(404);
}
