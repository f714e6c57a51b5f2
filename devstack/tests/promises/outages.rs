//! A 2xx means it is on disk, whatever else is down.

use std::time::Duration;

use devstack::{PostgresOptions, eventually};
use serde_json::json;

use crate::webhook::{post_signed, text_event};
use crate::world::{CLINIC, LUCIA, PATIENCE, builder, count, count_becomes, customer, each_send_was_made_once, quiet, start};

#[tokio::test]
async fn postgres_stopped_for_1000_webhooks_loses_none() {
    let mut stack = start(builder("pg_down").own_postgres(PostgresOptions::default())).await;
    stack.postgres().unwrap().stop().await.unwrap();
    for number in 0..1000 {
        let message = json!({ "from": customer(number % 20), "to": CLINIC, "text": format!("mensaje {number}") });
        stack.sim().inbound_with(&message).await.unwrap();
    }
    let refused = post_signed(&stack, text_event("evt_while_down", LUCIA, CLINIC, "¿hay alguien?").to_string()).await;
    assert_eq!((refused.status, refused.problem_code.as_deref()), (503, Some("not_stored")));
    assert!(refused.took < Duration::from_millis(2000), "{:?}", refused.took);

    stack.postgres().unwrap().restart().await.unwrap();
    count_becomes(&stack, "SELECT count(*) FROM chat_messages WHERE direction = 'inbound' AND body LIKE 'mensaje %'", 1000).await;
    quiet(&stack).await;
    assert_eq!(
        count(&stack, "SELECT count(*) FROM webhook_events WHERE convert_from(body, 'UTF8') LIKE '%\"mensaje %'").await,
        1000
    );
    assert_eq!(count(&stack, "SELECT count(*) FROM chat_conversations").await, 20);
    each_send_was_made_once(&stack).await;
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn redis_stopped_then_flushed_in_traffic_loses_and_doubles_nothing() {
    let mut stack = start(builder("redis_down")).await;
    let send = async |stack: &devstack::Stack, range: std::ops::Range<usize>| {
        for number in range {
            let message =
                json!({ "from": customer(number % 10), "to": CLINIC, "text": format!("mensaje {number}"), "copies": 2 });
            stack.sim().inbound_with(&message).await.unwrap();
        }
    };
    send(&stack, 0..60).await;
    stack.redis().unwrap().kill().await;
    send(&stack, 60..120).await;
    count_becomes(&stack, "SELECT count(*) FROM chat_messages WHERE direction = 'inbound'", 120).await;
    stack.redis().unwrap().restart().await.unwrap();
    send(&stack, 120..180).await;
    stack.redis().unwrap().flush().await.unwrap();
    send(&stack, 180..200).await;
    count_becomes(&stack, "SELECT count(*) FROM chat_messages WHERE direction = 'inbound'", 200).await;
    quiet(&stack).await;
    let unanswered = "SELECT count(*) FROM chat_conversations c WHERE NOT EXISTS (
        SELECT FROM turns t WHERE t.tenant_id = c.tenant_id AND t.conversation_id = c.id AND t.state = 'done' AND t.to_seq = c.inbound_seq)";
    assert_eq!(count(&stack, unanswered).await, 0);
    each_send_was_made_once(&stack).await;
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn health_answers_without_a_database_and_ready_says_what_is_missing() {
    let mut stack = start(builder("health").own_postgres(PostgresOptions::default())).await;
    stack.postgres().unwrap().stop().await.unwrap();
    for base in [stack.edge.url(), stack.brain.url()] {
        let health = reqwest::get(format!("{base}/health")).await.unwrap();
        assert_eq!(health.status(), 200);
        let missing = eventually(PATIENCE, "ready to notice", async || {
            let answer = reqwest::get(format!("{base}/ready")).await?;
            anyhow::Ok((answer.status() == 503).then_some(answer))
        });
        let answer: serde_json::Value = missing.await.unwrap().json().await.unwrap();
        assert!(answer["missing"][0].as_str().unwrap().contains("postgres"), "{answer}");
    }
    stack.postgres().unwrap().restart().await.unwrap();
    for base in [stack.edge.url(), stack.brain.url()] {
        let ready = eventually(PATIENCE, "ready again", async || {
            let answer = reqwest::get(format!("{base}/ready")).await?;
            anyhow::Ok((answer.status() == 200).then_some(()))
        });
        ready.await.unwrap();
        let metrics = reqwest::get(format!("{base}/metrics")).await.unwrap();
        assert_eq!(metrics.status(), 200);
    }
    stack.stop().await.unwrap();
}
