//! Live events: nothing is missed, nothing of others is heard.

use std::time::Duration;

use futures_util::StreamExt as _;
use nexus_core::live::{self, LiveEvent, stream_of};
use serde_json::{Value, json};

use super::Desk;
use crate::admin_api::support::Client;
use crate::support::world::CUSTOMER;

/// A screen that listens.
struct Screen {
    bytes: futures_util::stream::BoxStream<'static, Vec<u8>>,
    text: String,
    last_id: String,
}

impl Screen {
    async fn open(client: &Client, query: &str, last_id: Option<&str>) -> Self {
        let answer = client.stream(&format!("/events{query}"), last_id).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["x-accel-buffering"], "no");
        let bytes = answer.bytes_stream().filter_map(async |chunk| chunk.ok().map(|chunk| chunk.to_vec())).boxed();
        Self { bytes, text: String::new(), last_id: String::new() }
    }

    /// The next event, heartbeats included.
    async fn any(&mut self) -> Value {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let data = event.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
                let id = event.lines().find_map(|line| line.strip_prefix("id: ")).unwrap();
                let envelope: Value = serde_json::from_str(data).unwrap();
                assert_eq!(envelope["id"], id);
                self.last_id = id.to_owned();
                self.text = rest.to_owned();
                return envelope;
            }
            let chunk = tokio::time::timeout(Duration::from_secs(10), self.bytes.next()).await.unwrap().unwrap();
            self.text.push_str(&String::from_utf8(chunk).unwrap());
        }
    }

    async fn next(&mut self) -> Value {
        loop {
            let event = self.any().await;
            if event["type"] != "heartbeat" {
                return event;
            }
        }
    }
}

impl Desk {
    async fn publish(&self, number: i64) {
        let data = json!({ "number": number });
        live::publish(&self.api.world.brain.redis, &[LiveEvent { tenant: self.api.world.tenant, kind: "notice", data }]).await;
    }
}

#[tokio::test]
async fn a_screen_that_comes_back_sees_everything_it_missed() {
    let desk = Desk::open().await;
    let mut screen = Screen::open(&desk.agent, "", None).await;
    assert_eq!(screen.any().await["type"], "heartbeat");
    for number in 0..3 {
        desk.publish(number).await;
        assert_eq!(screen.next().await["data"]["number"], number);
    }
    let last = screen.last_id.clone();
    drop(screen);
    for number in 3..40 {
        desk.publish(number).await;
    }
    let mut screen = Screen::open(&desk.agent, "", Some(&last)).await;
    desk.publish(40).await;
    for number in 3..=40 {
        let event = screen.next().await;
        assert_eq!(event["data"]["number"], number);
        assert_eq!(event["tenant_id"], json!(desk.api.world.tenant));
    }
}

#[tokio::test]
async fn a_stale_cursor_is_told_to_start_afresh() {
    let desk = Desk::open().await;
    desk.publish(0).await;
    let mut screen = Screen::open(&desk.agent, "", None).await;
    screen.any().await;
    desk.publish(1).await;
    screen.next().await;
    let last = screen.last_id.clone();
    drop(screen);
    let mut redis = desk.api.world.brain.redis.connection().await.unwrap();
    let _: i64 =
        redis::cmd("XTRIM").arg(stream_of(desk.api.world.tenant)).arg("MAXLEN").arg(0).query_async(&mut redis).await.unwrap();
    for query in [format!("?after={last}"), "?after=nonsense".to_owned()] {
        let mut screen = Screen::open(&desk.agent, &query, None).await;
        assert_eq!(screen.next().await["type"], "resync");
        desk.publish(2).await;
        assert_eq!(screen.next().await["data"]["number"], 2, "it goes on afterwards");
    }
}

#[tokio::test]
async fn nobody_hears_another_tenant_and_changes_are_told() {
    let desk = Desk::open().await;
    let (other, _) = desk.api.world.add_tenant("+5493815550200").await;
    let conversation = desk.receive_from(CUSTOMER, "hola").await;
    let mut screen = Screen::open(&desk.agent, "", None).await;
    screen.any().await;
    live::publish(&desk.api.world.brain.redis, &[LiveEvent { tenant: other, kind: "notice", data: json!({}) }]).await;
    let sent = desk.send(conversation, "k", "ya va").await;
    let event = screen.next().await;
    assert_eq!((event["type"].as_str(), &event["data"]["message_id"]), (Some("message.created"), &sent["id"]));
    let event = screen.next().await;
    assert_eq!(event["type"], "conversation.updated");
    let view = desk.agent.get(&desk.of(conversation, "")).await.expect(200).json();
    assert_eq!(event["data"]["revision"], view["revision"]);
    let presence = json!({ "typing": true });
    desk.agent.post(&desk.of(conversation, "/presence"), &presence).await.expect(200);
    assert_eq!(screen.next().await["type"], "presence");
    let others = desk.admin.post(&desk.of(conversation, "/presence"), &presence).await.expect(200).json();
    assert_eq!(others["others"][0]["is_typing"], true);
    desk.agent.get(&format!("/events?tenants={other}")).await.expect(404);
    desk.api.nobody().get("/events").await.expect(401);
}
