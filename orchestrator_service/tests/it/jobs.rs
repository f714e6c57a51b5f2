//! Durable work in parts: what carries over from one claim to the next, and who may say so.

use std::time::Duration;

use nexus_core::jobs::{self, Job, JobOutcome};
use orchestrator_service::jobs_worker::LEASE;
use serde_json::json;

use crate::support::World;

async fn queue(world: &World) {
    let mut tx = world.brain.db.tenant(world.tenant).await.unwrap();
    jobs::enqueue(&mut tx, world.tenant, "in_parts", "x", &json!({"page": 1})).await.unwrap();
    tx.commit().await.unwrap();
}

async fn claim(world: &World) -> Vec<Job> {
    let mut tx = world.brain.db.system().await.unwrap();
    let claimed = jobs::claim(&mut tx, 10, LEASE).await.unwrap();
    tx.commit().await.unwrap();
    claimed
}

#[tokio::test]
async fn the_next_part_starts_where_the_last_one_ended() {
    let world = World::new().await;
    queue(&world).await;
    let first = claim(&world).await.remove(0);
    let mut tx = world.brain.db.tenant(world.tenant).await.unwrap();
    assert!(jobs::advance(&mut tx, &first, &json!({"page": 2})).await.unwrap());
    assert!(jobs::settle(&mut tx, &first, &JobOutcome::Again(Duration::ZERO)).await.unwrap());
    tx.commit().await.unwrap();
    let second = claim(&world).await.remove(0);
    assert_eq!((second.payload, second.attempts), (json!({"page": 2}), 1));
}

#[tokio::test]
async fn whoever_lost_the_job_changes_nothing_of_it() {
    let world = World::new().await;
    queue(&world).await;
    let lost = claim(&world).await.remove(0);
    world.run("UPDATE jobs SET due_at = now()").await;
    let held = claim(&world).await.remove(0);
    let mut tx = world.brain.db.tenant(world.tenant).await.unwrap();
    assert!(!jobs::renew(&mut tx, &lost, LEASE).await.unwrap());
    assert!(!jobs::advance(&mut tx, &lost, &json!({"page": 9})).await.unwrap());
    assert!(!jobs::settle(&mut tx, &lost, &JobOutcome::Done).await.unwrap());
    assert!(jobs::renew(&mut tx, &held, LEASE).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(world.one::<String>("SELECT state || ' ' || payload FROM jobs").await, "running {\"page\": 1}");
    assert!(claim(&world).await.is_empty());
}
