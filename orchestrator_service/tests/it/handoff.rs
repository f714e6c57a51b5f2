//! Handing over happens once, and the mail about it reaches everybody once.

use nexus_core::jobs;
use orchestrator_service::jobs_worker::work_once;
use orchestrator_service::tools::ToolContext;
use orchestrator_service::turns::{Ended, take_turn};
use serde_json::json;

use crate::support::smtp::FakeSmtp;
use crate::support::{World, eventually};

async fn world_with_mail(smtp: &FakeSmtp) -> World {
    let port = smtp.port.to_string();
    let mail = [
        ("SMTP_HOST", "127.0.0.1"),
        ("SMTP_PORT", port.as_str()),
        ("SMTP_SECURITY", "none"),
        ("SMTP_FROM", "nexus@example.com"),
        ("JOB_RETRY_SCALE", "0.000001"),
    ];
    World::with(&mail).await
}

async fn hand_over(world: &World) {
    world.receive("quiero hablar con una persona").await;
    world.model.calls("call_1", "request_handoff", &json!({"reason": "lo pidió", "summary": "un reclamo"}));
    world.model.says("Ya te paso con alguien.");
    let turn = world.claim_one().await;
    assert_eq!(take_turn(&world.brain, &turn).await.unwrap(), Ended::HandedOver);
}

#[tokio::test]
async fn the_handoff_tool_is_idempotent() {
    let world = World::new().await;
    world.receive("quiero hablar con una persona").await;
    let turn = world.claim_one().await;
    for call_id in ["call_1", "call_1", "call_2"] {
        let context = ToolContext {
            db: &world.brain.db,
            vault: &world.brain.vault,
            redis: &world.brain.redis,
            tenant: turn.tenant,
            contact: turn.contact,
            conversation: turn.conversation,
            turn: turn.id,
            lease_token: turn.lease_token,
            call_id,
            now: chrono::Utc::now(),
        };
        let tool = world.brain.tools.find("derivhumano").unwrap();
        tool.run(&context, json!({"reason": "lo pidió"})).await.unwrap();
    }
    assert_eq!(world.one::<i64>("SELECT control_epoch FROM chat_conversations").await, 1);
    assert_eq!(world.one::<i64>("SELECT count(*) FROM jobs").await, 1);
    assert_eq!(world.one::<i64>("SELECT count(*) FROM system_events WHERE kind = 'handoff_requested'").await, 1);
}

#[tokio::test]
async fn a_turn_that_handed_over_tells_the_customer_even_when_newer_messages_came() {
    let world = World::new().await;
    world.receive("quiero hablar con una persona").await;
    world.model.calls("call_1", "request_handoff", &json!({"reason": "lo pidió"}));
    world.model.holds("Ya te paso con alguien.");
    let turn = world.claim_one().await;
    let worker = tokio::spawn({
        let (brain, turn) = (world.brain.clone(), turn.clone());
        async move { take_turn(&brain, &turn).await }
    });
    eventually("the second request", async || (world.model.requests().len() == 2).then_some(())).await;
    world.receive("¿hola?").await;
    world.model.release();
    assert_eq!(worker.await.unwrap().unwrap(), Ended::HandedOver);
    assert_eq!(world.said().await, ["Ya te paso con alguien."]);
    let epochs_agree: bool = world.one("SELECT o.control_epoch = c.control_epoch FROM outbox o, chat_conversations c").await;
    assert!(epochs_agree, "the edge would refuse the last words");
    assert_eq!(world.one::<i64>("SELECT count(*) FROM turns WHERE state = 'collecting'").await, 0);
}

#[tokio::test]
async fn every_recipient_is_mailed_once_however_often_it_is_tried() {
    let smtp = FakeSmtp::start().await;
    let world = world_with_mail(&smtp).await;
    smtp.refuse("dos@example.com", "451 4.7.1 greylisted");
    smtp.refuse("dos@example.com", "451 4.7.1 greylisted");
    hand_over(&world).await;
    eventually("the job is done", async || {
        work_once(&world.brain).await.unwrap();
        (world.one::<String>("SELECT state FROM jobs").await == "done").then_some(())
    })
    .await;
    let mails = smtp.mails();
    let recipients: Vec<&str> = mails.iter().map(|(recipient, _)| recipient.as_str()).collect();
    assert_eq!(recipients, ["uno@example.com", "dos@example.com"]);
    let conversation: String = world.one("SELECT id::text FROM chat_conversations").await;
    for (_, source) in &mails {
        // A long line may be folded anywhere.
        let unfolded = source.replace("=\n", "");
        let link = format!("https://nexus.example.com/t/{}/inbox/all/{conversation}", world.tenant);
        assert!(unfolded.contains(&link), "{source}");
        assert!(source.contains("Message-ID: <handoff-") && source.contains("Auto-Submitted: auto-generated"));
    }
    assert_eq!(world.one::<i64>("SELECT count(*) FROM system_events WHERE kind = 'smtp_failed'").await, 2);
}

#[tokio::test]
async fn a_refused_recipient_does_not_keep_the_others_waiting_and_is_seen() {
    let smtp = FakeSmtp::start().await;
    let world = world_with_mail(&smtp).await;
    smtp.refuse("uno@example.com", "550 5.1.1 no such user");
    hand_over(&world).await;
    work_once(&world.brain).await.unwrap();
    assert_eq!(smtp.mails().len(), 1);
    assert_eq!(world.one::<String>("SELECT state FROM jobs").await, "dead");
    let kinds: Vec<String> = world.all("SELECT kind FROM system_events ORDER BY id").await;
    assert_eq!(kinds, ["handoff_requested", "smtp_failed", "smtp_dead"]);
}

#[tokio::test]
async fn mail_that_nobody_configured_fails_visibly() {
    let world = World::new().await;
    hand_over(&world).await;
    work_once(&world.brain).await.unwrap();
    assert_eq!(world.one::<String>("SELECT state FROM jobs").await, "dead");
    let kinds: Vec<String> = world.all("SELECT kind FROM system_events ORDER BY id").await;
    assert_eq!(kinds, ["handoff_requested", "handoff_mail_not_configured"]);
}

#[tokio::test]
async fn a_job_of_a_kind_nobody_knows_is_dead_and_not_lost() {
    let world = World::new().await;
    let mut tx = world.brain.db.tenant(world.tenant).await.unwrap();
    jobs::enqueue(&mut tx, world.tenant, "from_the_future", "x", &json!({})).await.unwrap();
    tx.commit().await.unwrap();
    work_once(&world.brain).await.unwrap();
    assert_eq!(
        world.one::<String>("SELECT state || ': ' || last_error FROM jobs").await,
        "dead: no worker of this build knows this kind of job"
    );
}
