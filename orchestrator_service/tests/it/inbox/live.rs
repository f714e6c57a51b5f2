//! Live events: nothing is missed, nothing of others is heard.

use std::time::Duration;

use futures_util::StreamExt as _;
use nexus_core::ids::ConversationId;
use nexus_core::live::{self, LiveEvent, stream_of};
use orchestrator_service::live::Pace;
use serde_json::{Value, json};

use super::Desk;
use crate::admin_api::support::{Api, Client};
use crate::support::World;
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

    /// How many events but heartbeats still come before the stream ends.
    async fn rest(&mut self) -> u64 {
        let mut count = 0;
        loop {
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let id = event.lines().find_map(|line| line.strip_prefix("id: ")).unwrap();
                count += u64::from(!event.contains("\"type\":\"heartbeat\""));
                self.last_id = id.to_owned();
                self.text = rest.to_owned();
            }
            match tokio::time::timeout(Duration::from_secs(20), self.bytes.next()).await.unwrap() {
                Some(chunk) => self.text.push_str(&String::from_utf8(chunk).unwrap()),
                None => return count,
            }
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

/// A desk whose listeners are treated differently.
async fn desk_at(pace: Pace) -> Desk {
    Desk::of_api(Api::serve(World::with_pace(&[], pace).await).await).await
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

#[tokio::test]
async fn who_is_taken_out_hears_nothing_more() {
    let desk = desk_at(Pace { recheck: Duration::from_millis(50), ..Pace::default() }).await;
    let mut screen = Screen::open(&desk.agent, "", None).await;
    let mut other = Screen::open(&desk.admin, "", None).await;
    assert_eq!((screen.any().await["type"].clone(), other.any().await["type"].clone()), (json!("heartbeat"), json!("heartbeat")));
    desk.api.world.run("DELETE FROM memberships WHERE role = 'agent'").await;
    assert_eq!(screen.rest().await, 0, "the stream ends, and nothing was in it");
    desk.publish(1).await;
    assert_eq!(other.next().await["data"]["number"], 1, "the others go on");
}

#[tokio::test]
async fn who_is_too_slow_is_cut_and_told_the_rest_when_they_come_back() {
    let desk = desk_at(Pace { behind: 4, ..Pace::default() }).await;
    let mut slow = Screen::open(&desk.agent, "", None).await;
    slow.any().await;
    // More than the sockets between us hold, while nobody reads.
    let padding = "x".repeat(64 * 1024);
    for number in 0..400 {
        let data = json!({ "number": number, "padding": padding });
        live::publish(&desk.api.world.brain.redis, &[LiveEvent { tenant: desk.api.world.tenant, kind: "notice", data }]).await;
    }
    let heard = slow.rest().await;
    assert!(heard < 400, "it was told everything, so it was never too slow");
    let mut back = Screen::open(&desk.agent, "", Some(&slow.last_id)).await;
    let next = back.next().await;
    assert_eq!(next["data"]["number"], heard, "it goes on where it was cut");
}

#[tokio::test]
async fn the_operators_key_hears_the_businesses_it_names() {
    let desk = Desk::open().await;
    let key = desk.api.admin_key();
    assert_eq!(key.get("/events").await.expect(422).json()["errors"][0]["field"], "tenants");
    key.get(&format!("/events?tenants={}", uuid::Uuid::nil())).await.expect(404);
    let mut screen = Screen::open(&key, &format!("?tenants={}", desk.api.world.tenant), None).await;
    screen.any().await;
    desk.publish(7).await;
    assert_eq!(screen.next().await["data"]["number"], 7);
}

/// The ids of a conversation's messages as a screen reads them, page by page, oldest first.
async fn thread(desk: &Desk, conversation: ConversationId) -> Vec<Value> {
    let (mut all, mut query) = (Vec::new(), "?limit=20".to_owned());
    loop {
        let page = desk.agent.get(&desk.of(conversation, &format!("/messages{query}"))).await.expect(200).json();
        let mut rows: Vec<Value> = page["items"].as_array().unwrap().iter().map(|message| message["id"].clone()).collect();
        rows.append(&mut all);
        all = rows;
        match page["older_cursor"].as_str() {
            Some(cursor) => query = format!("?limit=20&before={cursor}"),
            None => return all,
        }
    }
}

#[tokio::test]
async fn a_live_client_cut_for_two_hours_shows_everything_after_reconnecting() {
    let desk = Desk::open().await;
    let conversation = desk.receive_from(CUSTOMER, "hola").await;
    let mut screen = Screen::open(&desk.agent, "", None).await;
    screen.any().await;
    let mut sent = vec![desk.send(conversation, "before", "antes").await["id"].clone()];
    let created = async |screen: &mut Screen| loop {
        let event = screen.next().await;
        if event["type"] != "conversation.updated" {
            return event;
        }
    };
    assert_eq!(created(&mut screen).await["data"]["message_id"], sent[0]);

    // Two quiet hours: what happened is told again, each thing once and in its order.
    let last = screen.last_id.clone();
    drop(screen);
    for number in 0..30 {
        sent.push(desk.send(conversation, &format!("quiet-{number}"), &format!("mensaje {number}")).await["id"].clone());
    }
    let mut screen = Screen::open(&desk.agent, "", Some(&last)).await;
    for id in &sent[1..] {
        let event = created(&mut screen).await;
        assert_eq!((event["type"].as_str(), &event["data"]["message_id"]), (Some("message.created"), id));
    }

    // Two busy hours: more than the stream keeps. The client is told so, reads everything again, and goes on.
    let last = screen.last_id.clone();
    drop(screen);
    for number in 0..30 {
        sent.push(desk.send(conversation, &format!("busy-{number}"), &format!("mensaje {number}")).await["id"].clone());
    }
    let others = |number: i64| LiveEvent { tenant: desk.api.world.tenant, kind: "notice", data: json!({ "number": number }) };
    for batch in 0..25 {
        let events: Vec<LiveEvent> = (0..500).map(|number| others(batch * 500 + number)).collect();
        live::publish(&desk.api.world.brain.redis, &events).await;
    }
    let mut screen = Screen::open(&desk.agent, "", Some(&last)).await;
    let event = screen.next().await;
    assert_eq!((event["type"].as_str(), &event["tenant_id"]), (Some("resync"), &json!(desk.api.world.tenant)));
    let shown = thread(&desk, conversation).await;
    assert_eq!(shown[1..], sent, "the customer's message, then every one of ours, in order");
    sent.push(desk.send(conversation, "after", "después").await["id"].clone());
    assert_eq!(created(&mut screen).await["data"]["message_id"], sent[sent.len() - 1]);
}
