//! Targets: due times, a warning, a breach, each raised once.

use chrono::{DateTime, TimeDelta, Utc};
use orchestrator_service::auth::Role;
use orchestrator_service::jobs_worker::work_once;
use serde_json::{Value, json};

use super::Desk;
use crate::admin_api::support::Api;
use crate::support::smtp::FakeSmtp;

fn targets(counted: &str) -> Value {
    json!({ "service_level": {
        "first_response_minutes": 10, "resolution_minutes": 60, "counted": counted, "warn_before_minutes": 3, "mails_supervisors": true
    } })
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap_or_else(|| panic!("no time: {value}")).parse().unwrap()
}

#[tokio::test]
async fn a_case_is_due_warned_of_and_breached_once_each() {
    let smtp = FakeSmtp::start().await;
    let port = smtp.port.to_string();
    let mail = [("SMTP_HOST", "127.0.0.1"), ("SMTP_PORT", &port), ("SMTP_SECURITY", "none"), ("SMTP_FROM", "nexus@example.com")];
    let desk = Desk::of_api(Api::with(&mail).await).await;
    let world = &desk.api.world;
    let supervisor = desk.api.user("sol@example.com").await;
    desk.api.join(world.tenant, supervisor, Role::Supervisor).await;
    desk.rule(targets("always")).await;
    let conversation = desk.handed_over("+5493815550001").await;
    desk.look().await;
    let case = desk.view(conversation).await["service_level"].clone();
    assert_eq!(time(&case["first_response_due_at"]) - time(&case["started_at"]), TimeDelta::minutes(10));
    assert_eq!(time(&case["resolution_due_at"]) - time(&case["started_at"]), TimeDelta::minutes(60));
    assert_eq!(world.one::<i64>("SELECT count(*) FROM service_level_alerts").await, 0);

    let age = |minutes: i64| {
        format!("UPDATE chat_conversations SET case_started_at = now() - interval '{minutes} minutes', attend_at = now()")
    };
    for (minutes, stages) in
        [(8, vec!["warning"]), (8, vec!["warning"]), (11, vec!["warning", "breach"]), (11, vec!["warning", "breach"])]
    {
        // The case keeps its beginning in real life, so the first row must be found again.
        world.run("UPDATE service_level_alerts a SET case_started_at = c.case_started_at FROM chat_conversations c").await;
        sqlx::query(sqlx::AssertSqlSafe(age(minutes))).execute(world.brain.db.pool()).await.unwrap();
        world.run("UPDATE service_level_alerts a SET case_started_at = c.case_started_at FROM chat_conversations c").await;
        desk.look().await;
        let raised: Vec<String> = world.all("SELECT stage FROM service_level_alerts ORDER BY raised_at").await;
        assert_eq!(raised, stages, "{minutes} minutes");
        while work_once(&world.brain).await.unwrap() > 0 {}
    }
    let events: Vec<String> =
        world.all("SELECT kind FROM system_events WHERE kind LIKE 'service_level%' ORDER BY occurred_at").await;
    assert_eq!(events, ["service_level_warning", "service_level_breached"]);
    assert_eq!(desk.events(conversation).await.last().unwrap().0, "service_level_breached");
    assert!(desk.view(conversation).await["service_level"]["first_response_breached_at"].is_string());
    assert_eq!(desk.ids("view=all&breached=true", 50).await, [conversation.to_string()]);
    let mails: Vec<String> = smtp.mails().into_iter().map(|(to, _)| to).collect();
    assert_eq!(mails, ["sol@example.com", "sol@example.com"], "one for the warning, one for the breach");
}

#[tokio::test]
async fn an_answer_in_time_meets_the_target_and_a_new_wait_is_a_new_case() {
    let desk = Desk::open().await;
    desk.rule(targets("always")).await;
    let conversation = desk.handed_over("+5493815550001").await;
    desk.look().await;
    desk.send(conversation, "k1", "hola").await;
    desk.look().await;
    let case = desk.view(conversation).await["service_level"].clone();
    assert!(case["answered_at"].is_string() && case["first_response_breached_at"].is_null(), "{case}");
    desk.agent.post(&desk.of(conversation, "/resolve"), &json!({})).await.expect(200);
    desk.look().await;
    let ended = desk.view(conversation).await["service_level"].clone();
    assert!(ended["ended_at"].is_string() && ended["resolution_breached_at"].is_null());
    assert_eq!(ended["resolution_due_at"], case["resolution_due_at"], "what came of it stays");
    assert!(
        desk.api
            .world
            .all::<DateTime<Utc>>("SELECT attend_at FROM chat_conversations WHERE attend_at IS NOT NULL AND resume_at IS NULL")
            .await
            .is_empty()
    );

    desk.receive_from("+5493815550001", "otra cosa").await;
    desk.look().await;
    let next = desk.view(conversation).await["service_level"].clone();
    assert!(time(&next["started_at"]) > time(&case["started_at"]) && next["answered_at"].is_null(), "{next}");
    assert_eq!(desk.api.world.one::<i64>("SELECT count(*) FROM service_level_alerts").await, 0);
}

#[tokio::test]
async fn minutes_are_those_in_which_the_business_is_open_in_its_own_zone() {
    let desk = Desk::open().await;
    desk.rule(targets("business_hours")).await;
    desk.handed_over("+5493815550001").await;
    // A Monday at 17:55 in Buenos Aires; the business closes at 18:00 and opens on Mondays only.
    desk.api
        .world
        .run("UPDATE chat_conversations SET case_started_at = '2026-11-16T20:55:00Z', case_answered_at = '2026-11-16T20:56:00Z', attend_at = now()")
        .await;
    desk.look().await;
    let due: DateTime<Utc> = desk.api.world.one("SELECT first_response_due_at FROM chat_conversations").await;
    assert_eq!(due, "2026-11-23T12:05:00Z".parse::<DateTime<Utc>>().unwrap());
    let bad = json!({ "service_level": { "counted": "always", "first_response_minutes": 0 } });
    let bad = desk.admin.clone().with("if-match", "*").put(&format!("{}/inbox-policy", desk.path), &bad).await.expect(422).json();
    assert_eq!(bad["errors"][0]["field"], "service_level.first_response_minutes");
}

#[tokio::test]
async fn what_was_due_while_nothing_ran_is_raised_when_it_runs_again() {
    let desk = Desk::open().await;
    desk.rule(targets("always")).await;
    desk.handed_over("+5493815550001").await;
    desk.api.world.run("UPDATE chat_conversations SET case_started_at = now() - interval '2 hours', attend_at = now() - interval '110 minutes'").await;
    let brain = &desk.api.world.brain;
    let looks = (0..4).map(|_| orchestrator_service::inbox::attention::look_once(brain));
    for looked in futures_util::future::join_all(looks).await {
        looked.unwrap();
    }
    desk.look().await;
    let raised: Vec<String> = desk.api.world.all("SELECT target || ' ' || stage FROM service_level_alerts ORDER BY target").await;
    assert_eq!(raised, ["first_response breach", "resolution breach"], "no warning of what is over");
}
