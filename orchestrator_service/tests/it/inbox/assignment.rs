//! A conversation that needs a person finds one: in turn, within limits, never twice, and again when nobody answers.

use futures_util::future::join_all;
use orchestrator_service::inbox::attention::look_once;
use serde_json::{Value, json};

use super::Desk;

fn in_turn(most_open: u32, reassign: Value) -> Value {
    json!({ "assignment": { "method": "round_robin", "most_open": most_open, "reassign_after_minutes": reassign } })
}

async fn assignees(desk: &Desk) -> Vec<Option<String>> {
    desk.api.world.all("SELECT assigned_user_id::text FROM chat_conversations ORDER BY created_at, id").await
}

#[tokio::test]
async fn whoever_is_available_gets_one_in_turn_up_to_their_number_and_the_rest_waits_visibly() {
    let desk = Desk::open().await;
    let (ana, _) = desk.available().await;
    let (bea, _) = desk.available().await;
    let first = desk.handed_over("+5493815550001").await;
    desk.look().await;
    assert_eq!(assignees(&desk).await, [None], "without a rule nothing is given");
    desk.rule(in_turn(1, Value::Null)).await;
    desk.look().await;
    desk.handed_over("+5493815550002").await;
    desk.look().await;
    desk.handed_over("+5493815550003").await;
    desk.look().await;
    let given = assignees(&desk).await;
    assert!(given[0] != given[1] && given[..2].iter().flatten().all(|user| [&ana, &bea].contains(&user)), "{given:?}");
    assert_eq!(given[2], None, "both have enough");
    assert_eq!(desk.ids("view=unassigned", 50).await.len(), 1);
    assert_eq!(
        desk.events(first).await,
        [("taken_over".to_owned(), String::new()), ("assigned".to_owned(), "round_robin".to_owned())]
    );

    desk.agent.post(&desk.of(first, "/resolve"), &json!({})).await.expect(200);
    desk.look().await;
    assert_eq!(assignees(&desk).await[2], given[0], "who becomes free gets what waits");
}

#[tokio::test]
async fn replicas_that_look_at_once_give_each_conversation_to_one_person_and_nobody_too_many() {
    let desk = Desk::open().await;
    for _ in 0..3 {
        desk.available().await;
    }
    desk.rule(in_turn(4, Value::Null)).await;
    for number in 10..24 {
        desk.handed_over(&format!("+54938155500{number}")).await;
    }
    let brain = &desk.api.world.brain;
    while join_all((0..6).map(|_| look_once(brain))).await.into_iter().any(|looked| looked.unwrap() > 0) {}
    let loads: Vec<i64> = desk
        .api
        .world
        .all("SELECT count(*) FROM chat_conversations WHERE assigned_user_id IS NOT NULL GROUP BY assigned_user_id")
        .await;
    assert_eq!(loads, [4, 4, 4], "exactly as many as the rule allows");
    let lines: i64 = desk.api.world.one("SELECT count(*) FROM conversation_events WHERE kind = 'assigned'").await;
    assert_eq!(lines, 12, "each was given once");
}

#[tokio::test]
async fn nobody_at_work_leaves_it_waiting_until_somebody_is_available() {
    let desk = Desk::open().await;
    desk.rule(json!({ "assignment": { "method": "least_busy" } })).await;
    let (ana, browser) = desk.available().await;
    let path = format!("{}/agents/{ana}", desk.path);
    let admin = desk.admin.clone().with("if-match", "*");
    admin.put(&path, &json!({ "working_hours": {}, "most_open": 5 })).await.expect(200);
    let conversation = desk.handed_over("+5493815550001").await;
    desk.look().await;
    assert_eq!(assignees(&desk).await, [None], "she never works");
    let every_day = |day: &str| (day.to_owned(), json!([["00:00", "24:00"]]));
    let hours: Value = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map(every_day).into_iter().collect();
    admin.put(&path, &json!({ "working_hours": hours })).await.expect(200);
    desk.look().await;
    assert_eq!(assignees(&desk).await, [Some(ana.clone())]);

    browser.put(&format!("{}/my-availability", desk.path), &json!({ "availability": "away" })).await.expect(200);
    desk.agent.put(&desk.of(conversation, "/assignment"), &json!({})).await.expect(200);
    desk.look().await;
    assert_eq!(assignees(&desk).await, [None], "who is away gets nothing");
    let bad = admin.put(&path, &json!({ "working_hours": { "lun": [] } })).await.expect(422).json();
    assert_eq!(bad["errors"][0]["field"], "working_hours");
    let list = desk.admin.get(&format!("{}/agents", desk.path)).await.expect(200).json();
    assert!(
        list["items"].as_array().unwrap().iter().any(|agent| agent["user_id"] == ana.as_str() && agent["availability"] == "away")
    );
}

#[tokio::test]
async fn a_team_has_its_own_people_and_its_own_rule() {
    let desk = Desk::open().await;
    let (ana, _) = desk.available().await;
    let (bea, _) = desk.available().await;
    let team = json!({ "name": "Turnos", "member_ids": [bea] });
    let team = desk.admin.post(&format!("{}/teams", desk.path), &team).await.expect(201).json();
    let team = team["id"].as_str().unwrap();
    let path = format!("{}/teams/{team}/inbox-policy", desk.path);
    let read = desk.admin.get(&path).await.expect(200);
    assert_eq!((read.etag().as_str(), read.json()["assignment"].is_null()), ("\"0\"", true));
    desk.admin.put(&path, &json!({})).await.expect(428);
    let own = desk.admin.clone().with("if-match", "\"0\"");
    own.put(&path, &in_turn(3, Value::Null)).await.expect(200);
    own.put(&path, &in_turn(3, Value::Null)).await.expect(412);
    let conversation = desk.handed_over("+5493815550001").await;
    desk.agent.put(&desk.of(conversation, "/assignment"), &json!({ "team_id": team })).await.expect(200);
    let other = desk.handed_over("+5493815550002").await;
    desk.look().await;
    assert_eq!(desk.view(conversation).await["assigned_user_id"], bea.as_str(), "not {ana}");
    assert!(desk.view(other).await["assigned_user_id"].is_null(), "the business itself has no rule");
}

#[tokio::test]
async fn when_nobody_answers_in_time_somebody_else_gets_it() {
    let desk = Desk::open().await;
    let (first, _) = desk.available().await;
    desk.rule(in_turn(5, json!(10))).await;
    let conversation = desk.handed_over("+5493815550001").await;
    desk.look().await;
    assert_eq!(desk.view(conversation).await["assigned_user_id"], first.as_str());
    let (second, browser) = desk.available().await;
    desk.look().await;
    assert_eq!(desk.view(conversation).await["assigned_user_id"], first.as_str(), "there is time left");
    let later = "UPDATE chat_conversations SET assigned_at = now() - interval '11 minutes', waiting_since = now() - interval '11 minutes'";
    desk.api.world.run(later).await;
    desk.look().await;
    assert_eq!(desk.view(conversation).await["assigned_user_id"], second.as_str());
    assert_eq!(desk.events(conversation).await.last().unwrap().1, "not_answered");

    let send = browser.with("idempotency-key", "k");
    send.post(&desk.of(conversation, "/messages"), &json!({ "text": "ya estoy" })).await.expect(201);
    desk.api.world.run("UPDATE chat_conversations SET assigned_at = now() - interval '11 minutes', attend_at = now()").await;
    desk.look().await;
    assert_eq!(desk.view(conversation).await["assigned_user_id"], second.as_str(), "who has answered keeps it");
}

#[tokio::test]
async fn a_snooze_and_the_silence_window_end_by_themselves() {
    let desk = Desk::open().await;
    let asleep = desk.receive_from("+5493815550001", "hola").await;
    let until = json!({ "until": chrono::Utc::now() + chrono::TimeDelta::hours(1) });
    desk.agent.post(&desk.of(asleep, "/snooze"), &until).await.expect(200);
    let with_agent = desk.handed_over("+5493815550002").await;
    desk.look().await;
    let rests: i64 = desk.api.world.one("SELECT count(*) FROM chat_conversations WHERE attend_at > now()").await;
    assert_eq!(rests, 2, "both are looked at when their time comes");
    desk.api
        .world
        .run("UPDATE chat_conversations SET snoozed_until = now() - interval '1 second' WHERE status = 'snoozed'")
        .await;
    desk.api.world.run("UPDATE chat_conversations SET resume_at = now() - interval '1 second' WHERE handled_by = 'agent'").await;
    desk.look().await;
    assert_eq!(desk.view(asleep).await["status"], "open");
    assert_eq!(desk.events(asleep).await.last().unwrap(), &("woke".to_owned(), "snooze_over".to_owned()));
    assert_eq!(desk.view(with_agent).await["handled_by"], "assistant");
    assert_eq!(desk.events(with_agent).await.last().unwrap(), &("returned".to_owned(), "silence".to_owned()));
    let turns: i64 = desk.api.world.one("SELECT count(*) FROM turns WHERE state = 'collecting'").await;
    assert_eq!(turns, 2, "who still waited is answered by the assistant, and so is who never needed a person");
}
