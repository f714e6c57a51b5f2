//! Messages in pages, and what stands behind one.

use chrono::{TimeDelta, Utc};
use nexus_core::seam::inbox::{self, Origin};
use orchestrator_service::turns::take_turn;

use super::Desk;
use crate::support::world::{CUSTOMER, arrival};

#[tokio::test]
async fn pages_go_both_ways_without_gaps_or_repeats_while_messages_arrive() {
    let desk = Desk::open().await;
    let world = &desk.api.world;
    let start = Utc::now() - TimeDelta::hours(1);
    // Pairs with one time each: the id must tell them apart.
    let at = |index: i64| start + TimeDelta::seconds(index / 2);
    let mut conversation = None;
    for index in 0..25 {
        let one = arrival(world.tenant, world.channel, CUSTOMER, Origin::Contact, &format!("m{index}"), at(index));
        let mut tx = world.brain.db.tenant(world.tenant).await.unwrap();
        conversation = Some(inbox::record(&mut tx, &[one], world.brain.burst_defaults()).await.unwrap().new[0].1);
        tx.commit().await.unwrap();
    }
    let conversation = conversation.unwrap();
    let page = async |query: String| {
        desk.agent.get(&desk.of(conversation, &format!("/messages?limit=4{query}"))).await.expect(200).json()
    };
    let newest = page(String::new()).await;
    let bodies = |page: &serde_json::Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|message| message["body"].as_str().unwrap().to_owned()).collect()
    };
    let mut seen = bodies(&newest);
    let mut older = newest["older_cursor"].as_str().map(str::to_owned);
    while let Some(cursor) = older {
        desk.receive_from(CUSTOMER, "nuevo").await;
        let next = page(format!("&before={cursor}")).await;
        seen = [bodies(&next), seen].concat();
        older = next["older_cursor"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, (0..25).map(|index| format!("m{index}")).collect::<Vec<_>>());
    let (mut later, mut cursor) = (Vec::new(), newest["newer_cursor"].as_str().unwrap().to_owned());
    loop {
        let next = page(format!("&after={cursor}")).await;
        later.extend(bodies(&next));
        cursor = next["newer_cursor"].as_str().unwrap().to_owned();
        if next["has_newer"] == false {
            break;
        }
    }
    assert_eq!(later, vec!["nuevo"; 6]);
    let middle = newest["items"][0]["id"].as_str().unwrap();
    let around = page(format!("&around={middle}")).await;
    assert_eq!(bodies(&around).len(), 5);
    desk.agent.get(&desk.of(conversation, "/messages?before=x")).await.expect(422);
    desk.agent.get(&desk.of(conversation, "/messages?unknown=1")).await.expect(422);
}

#[tokio::test]
async fn the_turn_behind_a_message_is_told_by_role() {
    let desk = Desk::open().await;
    let conversation = desk.receive_from(CUSTOMER, "¿abren el lunes?").await;
    desk.api.world.model.says("Sí.");
    take_turn(&desk.api.world.brain, &desk.api.world.claim_one().await).await.unwrap();
    let messages = desk.agent.get(&desk.of(conversation, "/messages")).await.expect(200).json();
    for index in [0, 1] {
        let message = messages["items"][index]["id"].as_str().unwrap();
        let path = desk.of(conversation, &format!("/messages/{message}/trace"));
        let trace = desk.agent.get(&path).await.expect(200).json();
        assert_eq!((trace["state"].as_str(), trace["cost"].is_null()), (Some("done"), true));
        assert_eq!(trace["steps"].as_array().unwrap().len(), 1);
        assert!(!trace.to_string().contains("prompt_tokens"), "{trace}");
        assert_eq!(desk.admin.get(&path).await.expect(200).json()["cost"]["prompt_tokens"], 10);
    }
}
