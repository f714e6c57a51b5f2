//! A person takes over, writes, and sends again.

use nexus_core::seam::turns::BurstDefaults;
use orchestrator_service::turns::{Draft, Ended, finish, take_turn};
use serde_json::json;

use super::Desk;
use crate::support::world::CUSTOMER;

#[tokio::test]
async fn taking_over_refuses_what_a_running_turn_was_about_to_say() {
    let desk = Desk::open().await;
    let conversation = desk.receive_from(CUSTOMER, "hola").await;
    let turn = desk.api.world.claim_one().await;
    let taken = desk.agent.post(&desk.of(conversation, "/take-over"), &json!({})).await.expect(200).json();
    assert_eq!((taken["handled_by"].as_str(), taken["allowed_actions"].to_string().contains("return")), (Some("agent"), true));
    let draft = Draft { text: "tarde".to_owned(), ..Draft::default() };
    assert_eq!(finish(&desk.api.world.brain.db, &turn, &draft).await.unwrap(), Ended::Skipped);
    assert!(desk.api.world.said().await.is_empty());
    assert_eq!(desk.api.world.one::<String>("SELECT action FROM audit_log").await, "conversation.taken_over");

    desk.agent.post(&desk.of(conversation, "/return"), &json!({ "note": "ya está" })).await.expect(200);
    let turn = desk.api.world.claim_one().await;
    desk.api.world.model.says("acá estoy");
    assert_eq!(take_turn(&desk.api.world.brain, &turn).await.unwrap(), Ended::Answered, "who still waited is answered");
    desk.agent.post(&desk.of(conversation, "/return"), &json!({})).await.expect(409);
    let _: BurstDefaults = desk.api.world.brain.burst_defaults();
}

#[tokio::test]
async fn sending_takes_over_and_leaves_in_order_and_once() {
    let desk = Desk::open().await;
    let conversation = desk.receive_from(CUSTOMER, "hola").await;
    let path = desk.of(conversation, "/messages");
    desk.agent.post(&path, &json!({ "text": "sin clave" })).await.expect(400);
    let first = desk.send(conversation, "k1", "uno").await;
    assert_eq!(desk.send(conversation, "k1", "uno").await["id"], first["id"], "the same request again");
    desk.send(conversation, "k2", "dos").await;
    let sent: Vec<String> = desk.api.world.all("SELECT content ->> 'body' FROM outbox ORDER BY seq").await;
    assert_eq!(sent, ["uno", "dos"]);
    let view = desk.agent.get(&desk.of(conversation, "")).await.expect(200).json();
    assert_eq!(view["handled_by"], "agent");
    assert_eq!(view["assigned_user_id"], first["author_user_id"]);
    assert_eq!((view["unread_count"].as_i64(), view["waiting_since"].is_null()), (Some(0), true));
    assert_eq!(desk.api.world.one::<i64>("SELECT control_epoch FROM chat_conversations").await, 1, "only the first takes over");

    desk.api.world.run("UPDATE chat_conversations SET service_window_ends_at = now() - interval '1 second'").await;
    let refused = desk.agent.clone().with("idempotency-key", "k3").post(&path, &json!({ "text": "tres" })).await;
    assert_eq!(refused.expect(409).code(), "service_window_closed");
    desk.api.world.run("UPDATE contacts SET opted_out_at = now()").await;
    let refused = desk.agent.clone().with("idempotency-key", "k4").post(&path, &json!({ "text": "tres" })).await;
    assert_eq!(refused.expect(409).code(), "opted_out");
}

#[tokio::test]
async fn a_failed_message_is_explained_and_sent_again_once() {
    let desk = Desk::open().await;
    let conversation = desk.receive_from(CUSTOMER, "hola").await;
    let message = desk.send(conversation, "k1", "uno").await["id"].as_str().unwrap().to_owned();
    let resend = desk.of(conversation, &format!("/messages/{message}/resend"));
    let again = |key: &str| desk.agent.clone().with("idempotency-key", key);
    assert_eq!(again("r0").post(&resend, &json!({})).await.expect(409).code(), "wrong_state", "it is still on its way");
    desk.api.world.run("UPDATE outbox SET state = 'failed', settled_at = now()").await;
    desk.api.world.run("UPDATE chat_messages SET status = 'failed', error_code = '131047' WHERE direction = 'outbound'").await;
    let failed = desk.agent.clone().with("accept-language", "pt-BR").get(&format!("{}/failed-messages", desk.path)).await;
    let failed = failed.expect(200).json();
    assert_eq!(failed["items"][0]["failure"]["remedy"], "use_template");
    assert!(failed["items"][0]["failure"]["words"].as_str().unwrap().starts_with("Passaram"));
    assert_eq!(desk.ids("view=all&failed=true", 50).await, [conversation.to_string()]);

    let copy = again("r1").post(&resend, &json!({})).await.expect(201).json();
    assert_eq!((copy["resend_of"].as_str(), copy["body"].as_str()), (Some(message.as_str()), Some("uno")));
    assert_eq!(again("r1").post(&resend, &json!({})).await.expect(201).json()["id"], copy["id"]);
    again("r2").post(&resend, &json!({})).await.expect(409);
    desk.api.world.run("UPDATE chat_messages SET status = 'delivered' WHERE resend_of IS NOT NULL").await;
    let copy = copy["id"].as_str().unwrap();
    again("r3").post(&desk.of(conversation, &format!("/messages/{copy}/resend")), &json!({})).await.expect(409);
    assert_eq!(desk.api.world.one::<i64>("SELECT count(*) FROM outbox").await, 2);
}
