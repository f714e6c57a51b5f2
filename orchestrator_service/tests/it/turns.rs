//! What a turn may and may not do.

use nexus_core::seam::turns::BurstDefaults;
use orchestrator_service::turns::{Draft, Ended, Step, StepLog, TurnError, claim, finish, take_turn};
use serde_json::json;

use crate::support::world::LEASE;
use crate::support::{World, eventually};

fn draft(text: &str) -> Draft {
    Draft { text: text.to_owned(), ..Draft::default() }
}

#[tokio::test]
async fn a_burst_is_answered_once_with_everything_in_it() {
    let world = World::new().await;
    world.receive("hola").await;
    world.receive("¿abren el lunes?").await;
    world.model.says("Sí, de 9 a 18.");
    let turn = world.claim_one().await;
    assert_eq!(take_turn(&world.brain, &turn).await.unwrap(), Ended::Answered);
    let request = &world.model.requests()[0];
    let messages = request["messages"].as_array().unwrap();
    assert_eq!(
        messages[1..],
        [json!({"role": "user", "content": "hola"}), json!({"role": "user", "content": "¿abren el lunes?"})]
    );
    assert_eq!(request["tools"].as_array().unwrap().len(), 2);
    assert_eq!(world.said().await, ["Sí, de 9 a 18."]);
    assert_eq!(world.one::<i64>("SELECT count(*) FROM outbox WHERE state = 'queued'").await, 1);
    assert_eq!(world.one::<i64>("SELECT prompt_tokens FROM turns WHERE outcome = 'answered'").await, 10);
    assert_eq!(world.one::<i32>("SELECT unread_count FROM chat_conversations").await, 2);
}

#[tokio::test]
async fn a_replayed_turn_reuses_what_was_recorded() {
    let world = World::new().await;
    world.receive("¿abren el lunes?").await;
    world.model.calls("call_1", "business_hours", &json!({}));
    world.model.holds("nunca llega");
    let turn = world.claim_one().await;
    let worker = tokio::spawn({
        let (brain, turn) = (world.brain.clone(), turn.clone());
        async move { take_turn(&brain, &turn).await }
    });
    eventually("the second request", async || (world.model.requests().len() == 2).then_some(())).await;
    worker.abort();
    world.expire_leases().await;

    world.model.says("De 9 a 18.");
    let turn = world.claim_one().await;
    assert_eq!(take_turn(&world.brain, &turn).await.unwrap(), Ended::Answered);
    let requests = world.model.requests();
    assert_eq!(requests.len(), 3, "the recorded answer was not asked for again");
    assert_eq!(requests[1]["messages"], requests[2]["messages"], "the replay saw the same conversation");
    assert_eq!(world.one::<i64>("SELECT count(*) FROM turn_steps WHERE kind = 'tool_result'").await, 1);
    assert_eq!(world.said().await, ["De 9 a 18."]);
}

#[tokio::test]
async fn whoever_lost_the_lease_records_nothing_and_finishes_nothing() {
    let world = World::new().await;
    world.receive("hola").await;
    let lost = world.claim_one().await;
    let mut log = StepLog::load(&world.brain.db, &lost).await.unwrap();
    world.expire_leases().await;
    world.claim_one().await;
    let step = Step::ToolIntent { call_id: "c".to_owned(), tool: "t".to_owned() };
    assert!(matches!(log.append(&step).await, Err(TurnError::LeaseLost)));
    assert!(matches!(finish(&world.brain.db, &lost, &draft("tarde")).await, Err(TurnError::LeaseLost)));
    assert!(world.said().await.is_empty());
}

#[tokio::test]
async fn a_draft_made_stale_is_discarded_and_the_third_is_sent() {
    let world = World::new().await;
    world.receive("uno").await;
    for (next, discarded) in [("dos", 1), ("tres", 2)] {
        let turn = world.claim_one().await;
        world.receive(next).await;
        assert_eq!(finish(&world.brain.db, &turn, &draft("viejo")).await.unwrap(), Ended::Superseded);
        let carried: (i64, i32) = sqlx::query_as("SELECT from_seq, discarded_drafts FROM turns WHERE state = 'collecting'")
            .fetch_one(world.brain.db.pool())
            .await
            .unwrap();
        assert_eq!(carried, (0, discarded));
    }
    let turn = world.claim_one().await;
    assert_eq!((turn.from_seq, turn.to_seq), (0, 3));
    world.receive("cuatro").await;
    assert_eq!(finish(&world.brain.db, &turn, &draft("por fin")).await.unwrap(), Ended::Answered);
    assert_eq!(world.said().await, ["por fin"]);
    let next = world.claim_one().await;
    assert_eq!((next.from_seq, next.to_seq), (3, 4), "what came later has a turn of its own");
}

#[tokio::test]
async fn a_superseded_turn_leaves_a_next_one_even_if_somebody_dropped_it() {
    let world = World::new().await;
    world.receive("uno").await;
    let turn = world.claim_one().await;
    world.receive("dos").await;
    world.run("DELETE FROM turns WHERE state = 'collecting'").await;
    assert_eq!(finish(&world.brain.db, &turn, &draft("viejo")).await.unwrap(), Ended::Superseded);
    let next = world.claim_one().await;
    assert_eq!((next.from_seq, next.to_seq), (0, 2));
}

#[tokio::test]
async fn a_person_who_answers_silences_the_draft() {
    let world = World::new().await;
    world.receive("hola").await;
    world.model.holds("no debe salir");
    let turn = world.claim_one().await;
    let worker = tokio::spawn({
        let (brain, turn) = (world.brain.clone(), turn.clone());
        async move { take_turn(&brain, &turn).await }
    });
    eventually("the model is asked", async || (!world.model.requests().is_empty()).then_some(())).await;
    world.answer_by_phone("yo me encargo").await;
    world.model.release();
    assert_eq!(worker.await.unwrap().unwrap(), Ended::Skipped);
    assert!(world.said().await.is_empty());
    assert_eq!(world.one::<i64>("SELECT count(*) FROM outbox").await, 0);
    assert_eq!(world.one::<String>("SELECT outcome FROM turns").await, "control changed hands");
}

#[tokio::test]
async fn a_taken_over_turn_of_another_epoch_is_skipped() {
    let world = World::new().await;
    world.receive("hola").await;
    world.claim_one().await;
    world.answer_by_phone("yo me encargo").await;
    world.expire_leases().await;
    assert!(claim(&world.brain.db, 16, LEASE).await.unwrap().is_empty());
    assert_eq!(world.one::<String>("SELECT outcome FROM turns").await, "control changed hands");
}

#[tokio::test]
async fn unknown_tools_and_bad_arguments_are_words_for_the_model() {
    let world = World::new().await;
    world.receive("hola").await;
    world.model.calls("a", "fly", &json!({}));
    world.model.calls("b", "request_handoff", &json!({"motive": 1}));
    world.model.says("Perdón, no pude.");
    let turn = world.claim_one().await;
    assert_eq!(take_turn(&world.brain, &turn).await.unwrap(), Ended::Answered);
    let requests = world.model.requests();
    let last =
        |index: usize| requests[index]["messages"].as_array().unwrap().last().unwrap()["content"].as_str().unwrap().to_owned();
    assert!(last(1).contains("no tool of this name") && last(2).contains("reason"), "{} {}", last(1), last(2));
    assert_eq!(world.one::<String>("SELECT handled_by FROM chat_conversations").await, "assistant");
}

#[tokio::test]
async fn repeated_call_ids_are_told_apart() {
    let world = World::new().await;
    world.receive("hola").await;
    world.model.calls("same", "business_hours", &json!({}));
    world.model.calls("same", "business_hours", &json!({}));
    world.model.says("listo");
    let turn = world.claim_one().await;
    take_turn(&world.brain, &turn).await.unwrap();
    let ids: Vec<String> = world.all("SELECT call_id FROM turn_steps WHERE kind = 'tool_result' ORDER BY number").await;
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn the_next_turn_knows_what_a_discarded_draft_has_done() {
    let world = World::new().await;
    world.receive("quiero un turno").await;
    let turn = world.claim_one().await;
    world.receive("el lunes").await;
    let payload = json!({"tool": "book", "has_effect": true, "is_ok": true, "content": {"booked": "P1"}});
    sqlx::query(
        "INSERT INTO turn_steps (tenant_id, turn_id, number, kind, call_id, payload) VALUES ($1, $2, 0, 'tool_result', 'c', $3)",
    )
    .bind(turn.tenant)
    .bind(turn.id)
    .bind(payload)
    .execute(world.brain.db.pool())
    .await
    .unwrap();
    finish(&world.brain.db, &turn, &draft("viejo")).await.unwrap();
    let next = world.claim_one().await;
    take_turn(&world.brain, &next).await.unwrap();
    let system = world.model.requests()[0]["messages"][0]["content"].as_str().unwrap().to_owned();
    assert!(system.contains(r#"- book: {"booked":"P1"}"#), "{system}");
}

#[tokio::test]
async fn the_worker_answers_by_itself_and_drains() {
    let world = World::new().await;
    let defaults: BurstDefaults = world.brain.burst_defaults();
    assert!(defaults.ceiling >= defaults.window);
    let shutdown = tokio_util::sync::CancellationToken::new();
    let worker = tokio::spawn(orchestrator_service::turns::run(world.brain.clone(), shutdown.clone()));
    world.receive("hola").await;
    eventually("an answer", async || (!world.said().await.is_empty()).then_some(())).await;
    assert_eq!(world.said().await, ["eco: hola"]);
    shutdown.cancel();
    worker.await.unwrap();
}
