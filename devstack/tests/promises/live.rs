//! A screen that listens survives what its Redis goes through.

use std::time::Duration;

use devstack::Stack;
use serde_json::Value;

use crate::world::{CLINIC, LUCIA, PATIENCE, builder, count_becomes, start};

/// A screen of the operator's.
struct Screen {
    answer: reqwest::Response,
    text: String,
}

impl Screen {
    async fn open(stack: &Stack) -> Self {
        let tenant: String = sqlx::query_scalar("SELECT id::text FROM tenants").fetch_one(stack.pool()).await.unwrap();
        let url = format!("{}/api/v1/events?tenants={tenant}", stack.brain.url());
        let answer = reqwest::Client::new().get(url).bearer_auth(&stack.secrets().admin_token).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        Self { answer, text: String::new() }
    }

    async fn next(&mut self) -> Value {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let data = event.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
                let event = serde_json::from_str(data).unwrap();
                self.text = rest.to_owned();
                return event;
            }
            let chunk = tokio::time::timeout(PATIENCE, self.answer.chunk()).await.expect("silence").unwrap();
            self.text.push_str(std::str::from_utf8(&chunk.expect("the stream has ended")).unwrap());
        }
    }

    async fn until(&mut self, kind: &str) -> Value {
        loop {
            let event = self.next().await;
            if event["type"] == kind {
                return event;
            }
        }
    }
}

#[tokio::test]
async fn a_screen_is_told_to_start_afresh_after_redis_was_gone_and_goes_on() {
    let mut stack = start(builder("live_redis")).await;
    let mut screen = Screen::open(&stack).await;
    screen.until("heartbeat").await;
    stack.sim().inbound(LUCIA, CLINIC, "uno").await.unwrap();
    screen.until("message.created").await;

    stack.redis().unwrap().kill().await;
    stack.sim().inbound(LUCIA, CLINIC, "dos").await.unwrap();
    count_becomes(&stack, "SELECT count(*) FROM chat_messages WHERE direction = 'inbound'", 2).await;
    stack.redis().unwrap().restart().await.unwrap();
    // What happened meanwhile was never in any stream.
    let told = tokio::time::timeout(Duration::from_secs(30), screen.until("resync")).await.expect("no resync");
    assert!(told["tenant_id"].is_string(), "{told}");

    stack.sim().inbound(LUCIA, CLINIC, "tres").await.unwrap();
    screen.until("message.created").await;
    stack.stop().await.unwrap();
}
