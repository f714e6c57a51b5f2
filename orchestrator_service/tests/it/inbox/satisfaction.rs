//! The customer is asked once, and the answer neither opens the conversation nor starts a turn.

use nexus_core::ids::ConversationId;
use nexus_core::seam::inbox::{self, Origin};
use serde_json::{Value, json};

use super::Desk;
use crate::support::world::arrival;

const WHO: &str = "+5493815550001";

async fn resolved(desk: &Desk) -> ConversationId {
    let conversation = desk.handed_over(WHO).await;
    desk.send(conversation, &uuid::Uuid::now_v7().to_string(), "listo").await;
    desk.agent.post(&desk.of(conversation, "/resolve"), &json!({})).await.expect(200);
    desk.look().await;
    conversation
}

async fn asking(rule: Value) -> Desk {
    let desk = Desk::open().await;
    desk.rule(json!({ "satisfaction": rule })).await;
    desk
}

async fn surveys(desk: &Desk, conversation: ConversationId) -> Vec<Value> {
    desk.agent.get(&desk.of(conversation, "/surveys")).await.expect(200).json().as_array().unwrap().clone()
}

#[tokio::test]
async fn asked_once_answered_by_a_row_and_nothing_else_happens() {
    let desk = asking(json!({ "enabled": true })).await;
    let conversation = resolved(&desk).await;
    let question: Value = desk.api.world.one("SELECT content FROM outbox ORDER BY seq DESC LIMIT 1").await;
    assert_eq!((question["kind"].as_str(), question["rows"].as_array().map(Vec::len)), (Some("list"), Some(5)));
    desk.api.world.run("UPDATE chat_conversations SET attend_at = now()").await;
    desk.look().await;
    assert_eq!(surveys(&desk, conversation).await.len(), 1, "once per resolution");
    assert_eq!(desk.api.world.one::<i64>("SELECT count(*) FROM chat_messages WHERE author = 'system'").await, 1);

    let world = &desk.api.world;
    let mut answer = arrival(world.tenant, world.channel, WHO, Origin::Contact, "5 · Excelente", chrono::Utc::now());
    answer.kind = "interactive".to_owned();
    answer.content = json!({ "type": "list_reply", "list_reply": { "id": "satisfaction:5", "title": "5 · Excelente" } });
    let turns: i64 = world.one("SELECT count(*) FROM turns").await;
    let mut tx = world.brain.db.tenant(world.tenant).await.unwrap();
    inbox::record(&mut tx, &[answer], world.brain.burst_defaults()).await.unwrap();
    tx.commit().await.unwrap();
    let view = desk.view(conversation).await;
    assert_eq!((view["status"].as_str(), view["unread_count"].as_i64()), (Some("resolved"), Some(0)));
    assert_eq!(view["satisfaction_score"], 5);
    assert_eq!(world.one::<i64>("SELECT count(*) FROM turns").await, turns, "it starts no turn");
    assert_eq!(surveys(&desk, conversation).await[0]["state"], "answered");
    assert_eq!(desk.ids("view=all&satisfaction_at_most=4", 50).await, Vec::<String>::new());
    assert_eq!(desk.ids("view=all&satisfaction_at_most=5", 50).await, [conversation.to_string()]);
    let by_agent = desk.agent.get(&format!("{}/satisfaction?group_by=agent", desk.path)).await.expect(200).json();
    assert_eq!(by_agent[0]["scores"], json!([0, 0, 0, 0, 1]));
    assert_eq!(by_agent[0]["key"], view["assigned_user_id"]);

    desk.receive_from(WHO, "y otra cosa").await;
    assert_eq!(desk.view(conversation).await["status"], "open", "the next message is a new concern");
}

#[tokio::test]
async fn a_number_is_an_answer_and_a_wish_that_begins_with_one_is_not() {
    let desk = asking(json!({ "enabled": true, "text": "¿Qué tal?" })).await;
    let conversation = resolved(&desk).await;
    desk.receive_from(WHO, "2, tardaron mucho").await;
    let survey = surveys(&desk, conversation).await[0].clone();
    assert_eq!((survey["score"].as_i64(), survey["comment"].as_str()), (Some(2), Some("tardaron mucho")));

    desk.receive_from(WHO, "hola de nuevo").await;
    desk.agent.post(&desk.of(conversation, "/resolve"), &json!({})).await.expect(200);
    desk.look().await;
    desk.receive_from(WHO, "2 turnos para mañana").await;
    assert_eq!(desk.view(conversation).await["status"], "open", "nobody's wish is lost");
    assert_eq!(surveys(&desk, conversation).await[0]["state"], "passed_over");
    desk.receive_from(WHO, "5").await;
    let list = desk.agent.get(&format!("{}/surveys?limit=1", desk.path)).await.expect(200).json();
    assert_eq!((list["items"][0]["score"].is_null(), list["next_cursor"].is_string()), (true, true), "too late to be an answer");
}

#[tokio::test]
async fn not_outside_the_window_not_before_its_time_and_not_when_nobody_wants_it() {
    let desk = asking(json!({ "enabled": true, "delay_minutes": 30 })).await;
    let conversation = resolved(&desk).await;
    assert!(surveys(&desk, conversation).await.is_empty(), "half an hour has not passed");
    let due: bool = desk.api.world.one("SELECT attend_at > now() + interval '29 minutes' FROM chat_conversations").await;
    assert!(due || desk.api.world.one::<bool>("SELECT resume_at < now() + interval '29 minutes' FROM chat_conversations").await);
    desk.api.world.run("UPDATE chat_conversations SET resolved_at = now() - interval '31 minutes', service_window_ends_at = now(), attend_at = now()").await;
    desk.look().await;
    let survey = surveys(&desk, conversation).await[0].clone();
    assert_eq!((survey["state"].as_str(), survey["skip_reason"].as_str()), (Some("skipped"), Some("service_window_closed")));
    assert_eq!(desk.api.world.one::<i64>("SELECT count(*) FROM chat_messages WHERE author = 'system'").await, 0);

    let quiet = asking(json!({ "enabled": false })).await;
    let conversation = resolved(&quiet).await;
    assert!(surveys(&quiet, conversation).await.is_empty());
}
