//! When the assistant cannot answer, a person does, and everybody who has to know knows.

use axum::http::StatusCode;
use orchestrator_service::turns::{Ended, take_turn};
use serde_json::json;

use crate::support::World;

async fn assert_handed_over(world: &World, event: &str, outcome: &str) {
    assert_eq!(world.said().await.len(), 1, "the customer hears it once");
    assert!(world.said().await[0].contains("una persona"));
    let outbox_is_current: bool = world.one("SELECT o.control_epoch = c.control_epoch FROM outbox o, chat_conversations c").await;
    assert!(outbox_is_current, "the edge would refuse the sentence");
    let (handled_by, status): (String, String) =
        sqlx::query_as("SELECT handled_by, status FROM chat_conversations").fetch_one(world.brain.db.pool()).await.unwrap();
    assert_eq!((handled_by.as_str(), status.as_str()), ("agent", "pending"));
    assert_eq!(world.one::<String>("SELECT kind FROM system_events").await, event);
    assert_eq!(world.one::<String>("SELECT outcome FROM turns").await, outcome);
    assert_eq!(world.one::<i64>("SELECT count(*) FROM jobs WHERE kind = 'handoff_mail'").await, 1);
}

#[tokio::test]
async fn without_a_key_the_conversation_goes_to_a_person() {
    let world = World::with(&[("OPENAI_API_KEY", "")]).await;
    world.receive("hola").await;
    let turn = world.claim_one().await;
    assert_eq!(take_turn(&world.brain, &turn).await.unwrap(), Ended::GaveUp);
    assert_handed_over(&world, "model_key_missing", "gave up: no_key").await;
}

#[tokio::test]
async fn an_empty_purse_is_not_asked_twice() {
    let world = World::new().await;
    world.receive("hola").await;
    let quota = json!({"error": {"message": "m", "type": "insufficient_quota", "code": "insufficient_quota"}});
    world.model.replies(StatusCode::TOO_MANY_REQUESTS, quota);
    let turn = world.claim_one().await;
    assert_eq!(take_turn(&world.brain, &turn).await.unwrap(), Ended::GaveUp);
    assert_eq!(world.model.requests().len(), 1);
    assert_handed_over(&world, "model_failed", "gave up: quota_exhausted").await;
}

#[tokio::test]
async fn a_failing_server_is_asked_again_a_few_times() {
    let world = World::new().await;
    world.receive("hola").await;
    for _ in 0..2 {
        world.model.replies(StatusCode::BAD_GATEWAY, json!("<html>"));
    }
    world.model.says("acá estoy");
    let turn = world.claim_one().await;
    assert_eq!(take_turn(&world.brain, &turn).await.unwrap(), Ended::Answered);
    assert_eq!(world.model.requests().len(), 3, "no hidden retries beside ours");
    assert_eq!(world.said().await, ["acá estoy"]);
}

#[tokio::test]
async fn a_server_that_stays_down_costs_three_requests_and_newer_messages_do_not_matter() {
    let world = World::new().await;
    world.receive("hola").await;
    for _ in 0..3 {
        world.model.replies(StatusCode::SERVICE_UNAVAILABLE, json!({}));
    }
    let turn = world.claim_one().await;
    world.receive("¿hola?").await;
    assert_eq!(take_turn(&world.brain, &turn).await.unwrap(), Ended::GaveUp);
    assert_eq!(world.model.requests().len(), 3);
    let outcomes: Vec<String> = world.all("SELECT outcome FROM turns ORDER BY id").await;
    assert_eq!(outcomes, ["gave up: unavailable", "passed on to a person"]);
}

#[tokio::test]
async fn endless_tool_calling_ends_and_the_last_round_offers_no_tools() {
    let world = World::new().await;
    world.receive("hola").await;
    for round in 0..6 {
        world.model.calls(&format!("c{round}"), "business_hours", &json!({}));
    }
    let turn = world.claim_one().await;
    assert_eq!(take_turn(&world.brain, &turn).await.unwrap(), Ended::GaveUp);
    let requests = world.model.requests();
    assert_eq!(requests.len(), 6);
    assert_eq!((&requests[4]["tool_choice"], &requests[5]["tool_choice"]), (&json!("auto"), &json!("none")));
    assert_handed_over(&world, "turn_limit_reached", "gave up: rounds").await;
}

#[tokio::test]
async fn a_cut_off_tool_call_is_never_executed() {
    let world = World::new().await;
    world.receive("quiero una persona").await;
    let call = json!({"id": "c", "function": {"name": "request_handoff", "arguments": "{\"reason\":\"x\"}"}});
    world.model.replies(
        StatusCode::OK,
        json!({"choices": [{"message": {"content": null, "tool_calls": [call]}, "finish_reason": "length"}]}),
    );
    world.model.says("¿En qué te ayudo?");
    let turn = world.claim_one().await;
    assert_eq!(take_turn(&world.brain, &turn).await.unwrap(), Ended::Answered);
    assert_eq!(world.one::<String>("SELECT handled_by FROM chat_conversations").await, "assistant");
}

#[tokio::test]
async fn two_empty_answers_are_enough() {
    let world = World::new().await;
    world.receive("hola").await;
    world.model.says("");
    world.model.says("  ");
    let turn = world.claim_one().await;
    assert_eq!(take_turn(&world.brain, &turn).await.unwrap(), Ended::GaveUp);
    assert_handed_over(&world, "model_failed", "gave up: no_answer").await;
}

#[tokio::test]
async fn a_failure_after_the_handoff_does_not_hand_over_twice() {
    let world = World::new().await;
    world.receive("quiero una persona").await;
    world.model.calls("c", "request_handoff", &json!({"reason": "lo pidió"}));
    world.model.replies(StatusCode::UNAUTHORIZED, json!({}));
    let turn = world.claim_one().await;
    assert_eq!(take_turn(&world.brain, &turn).await.unwrap(), Ended::GaveUp);
    assert_eq!(world.one::<i64>("SELECT count(*) FROM jobs").await, 1);
    assert_eq!(world.one::<i64>("SELECT control_epoch FROM chat_conversations").await, 1);
    assert_eq!(world.said().await.len(), 1);
}
