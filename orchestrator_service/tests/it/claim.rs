//! Who may take which turn.

use nexus_core::seam::inbox::Origin;
use orchestrator_service::turns::claim;

use crate::support::World;
use crate::support::world::{CUSTOMER, LEASE};

#[tokio::test]
async fn of_two_claimers_one_wins() {
    let world = World::new().await;
    for round in 0..20 {
        world.receive(&format!("hola {round}")).await;
        let (one, two) = tokio::join!(claim(&world.brain.db, 16, LEASE), claim(&world.brain.db, 16, LEASE));
        assert_eq!(one.unwrap().len() + two.unwrap().len(), 1);
        world.run("UPDATE turns SET state = 'done' WHERE state = 'running'").await;
    }
}

#[tokio::test]
async fn a_conversation_never_has_two_running_turns() {
    let world = World::new().await;
    world.receive("uno").await;
    world.claim_one().await;
    world.receive("dos").await;
    assert!(claim(&world.brain.db, 16, LEASE).await.unwrap().is_empty());
    world.run("UPDATE turns SET state = 'done' WHERE state = 'running'").await;
    world.claim_one().await;
}

#[tokio::test]
async fn a_dead_workers_turn_is_taken_over_with_its_bounds() {
    let world = World::new().await;
    world.receive("uno").await;
    let first = world.claim_one().await;
    assert!(claim(&world.brain.db, 16, LEASE).await.unwrap().is_empty(), "its lease is not over");
    world.receive("dos").await;
    world.expire_leases().await;
    let second = world.claim_one().await;
    assert_eq!((second.id, second.to_seq, second.attempts), (first.id, first.to_seq, 2));
    assert_ne!(second.lease_token, first.lease_token);
}

#[tokio::test]
async fn a_flood_of_one_tenant_does_not_hide_another() {
    let world = World::new().await;
    for customer in 0..40 {
        let who = format!("+54938155510{customer:02}");
        world.receive_from(world.tenant, world.channel, &who, Origin::Contact, "hola").await;
    }
    let (quiet, channel) = world.add_tenant("+5493815550200").await;
    world.receive_from(quiet, channel, CUSTOMER, Origin::Contact, "hola").await;
    world.run("UPDATE tenants SET turn_concurrency = 3").await;
    let claimed = claim(&world.brain.db, 2, LEASE).await.unwrap();
    assert!(claimed.iter().any(|turn| turn.tenant == quiet), "every tenant's first turn comes before any tenant's second");
    for _ in 0..3 {
        claim(&world.brain.db, 16, LEASE).await.unwrap();
    }
    let running: Vec<i64> = world.all("SELECT count(*) FROM turns WHERE state = 'running' GROUP BY tenant_id ORDER BY 1").await;
    assert_eq!(running, [1, 3], "no tenant runs more than its share");
}

#[tokio::test]
async fn whoever_must_not_be_answered_is_skipped_with_a_reason() {
    let cases = [
        ("UPDATE contacts SET opted_out_at = now()", "the contact has opted out"),
        ("UPDATE tenants SET suspended_at = now()", "the business is suspended"),
        ("UPDATE assistants SET paused_at = now()", "no assistant is published for the channel"),
        ("UPDATE chat_conversations SET handled_by = 'agent'", "a person has the conversation"),
    ];
    for (sql, reason) in cases {
        let world = World::new().await;
        world.receive("hola").await;
        world.run(sql).await;
        assert!(claim(&world.brain.db, 16, LEASE).await.unwrap().is_empty());
        let outcome: String = world.one("SELECT outcome FROM turns WHERE state = 'skipped'").await;
        assert_eq!(outcome, reason);
    }
}

#[tokio::test]
async fn a_turn_that_kills_its_workers_goes_to_a_person() {
    let world = World::new().await;
    world.receive("hola").await;
    for _ in 0..5 {
        world.claim_one().await;
        world.expire_leases().await;
    }
    assert!(claim(&world.brain.db, 16, LEASE).await.unwrap().is_empty());
    assert_eq!(world.one::<String>("SELECT state FROM turns").await, "dead");
    assert_eq!(world.one::<String>("SELECT handled_by FROM chat_conversations").await, "agent");
    assert_eq!(world.one::<String>("SELECT kind FROM system_events").await, "turn_dead");
    assert_eq!(world.one::<String>("SELECT kind FROM jobs").await, "handoff_mail");
}
