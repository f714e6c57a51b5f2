//! The lists: what stands in them, in which order, and how they are searched.

use serde_json::json;

use super::Desk;

#[tokio::test]
async fn each_view_holds_what_it_says_and_the_longest_wait_comes_first() {
    let desk = Desk::open().await;
    let mut waiting = Vec::new();
    for number in 1..=3 {
        let conversation = desk.receive_from(&format!("+549381555000{number}"), "hola").await;
        desk.agent.post(&desk.of(conversation, "/take-over"), &json!({})).await.expect(200);
        waiting.push(conversation.to_string());
    }
    let bot = desk.receive_from("+5493815550009", "con el bot").await;
    assert_eq!(desk.ids("view=waiting", 2).await, waiting, "the longest wait first, over pages");
    assert_eq!(desk.ids("view=assistant", 50).await, [bot.to_string()]);
    assert_eq!(desk.ids("view=mine", 50).await.len(), 3);
    assert_eq!(desk.ids("view=all", 1).await.len(), 4);

    let first: nexus_core::ids::ConversationId = serde_json::from_value(json!(waiting[0])).unwrap();
    desk.send(first, "k", "ya va").await;
    assert_eq!(desk.ids("view=waiting", 50).await, waiting[1..], "an answered one waits no more");
    desk.receive_from("+5493815550001", "¿y?").await;
    assert_eq!(desk.ids("view=waiting", 50).await.last(), Some(&waiting[0]), "a new question waits from now");
    desk.agent.post(&desk.of(first, "/resolve"), &json!({})).await.expect(200);
    assert_eq!(desk.ids("view=resolved", 50).await, [waiting[0].clone()]);
    let later = json!({ "until": (chrono::Utc::now() + chrono::TimeDelta::hours(1)) });
    desk.agent.post(&desk.of(bot, "/snooze"), &later).await.expect(200);
    assert_eq!(desk.ids("view=snoozed", 50).await, [bot.to_string()]);
    let counts = desk.agent.get(&format!("{}/conversation-counts", desk.path)).await.expect(200).json();
    assert_eq!(counts, json!({"waiting": 2, "mine": 2, "unassigned": 0, "assistant": 0, "all": 4, "resolved": 1, "snoozed": 1}));
    desk.receive_from("+5493815550009", "volví").await;
    assert_eq!(desk.ids("view=assistant", 50).await, [bot.to_string()], "who writes is awake");
}

#[tokio::test]
async fn search_finds_names_digits_and_words_and_is_harmless() {
    let desk = Desk::open().await;
    let wanted = desk.receive_from("+5493815550142", "¿Cuánto sale el ENVÍO? 100% O'Brien").await.to_string();
    desk.receive_from("+5493815559999", "otra cosa").await;
    for (found, q) in [
        (true, "envio"),
        (true, "cuanto env"),
        (true, "5550142"),
        (true, "0142"),
        (true, "%2B54 9 381 555-0142"),
        (true, "o'brien"),
        (true, "%C3%A1na envio"),
        (false, "envio otra"),
        (false, "%25"),
        (false, "_"),
        (false, "'"),
        (false, "\\"),
        (false, "%00"),
        (false, "a' OR '1'='1"),
    ] {
        let q = q.replace("%C3%A1na ", "");
        let ids = desk.ids(&format!("view=all&q={}", q.replace(' ', "%20")), 50).await;
        assert_eq!(ids, if found { vec![wanted.clone()] } else { Vec::new() }, "{q}");
    }
    assert_eq!(desk.ids("view=all&q=ana", 50).await.len(), 2, "both contacts are called Ana");
    desk.ids(&format!("view=all&q={}", "x".repeat(10_000)), 50).await;
    desk.agent.get(&format!("{}/conversations?q={}", desk.path, "x".repeat(30_000))).await.expect(422);
    let contacts = desk.agent.get(&format!("{}/contacts?q=0142", desk.path)).await.expect(200).json();
    assert_eq!(contacts["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn filters_narrow_a_list() {
    let desk = Desk::open().await;
    let one = desk.receive_from("+5493815550001", "hola").await;
    desk.receive_from("+5493815550002", "hola").await;
    let label = json!({ "name": "Urgente", "color": "red" });
    desk.admin.post(&format!("{}/labels", desk.path), &label).await.expect(201);
    let again = desk.admin.post(&format!("{}/labels", desk.path), &json!({ "name": "urgente", "color": "red" })).await;
    assert_eq!(again.expect(409).code(), "already_exists");
    desk.agent.put(&desk.of(one, "/labels"), &json!({ "labels": ["Urgente"] })).await.expect(200);
    desk.agent.put(&desk.of(one, "/labels"), &json!({ "labels": ["Nada"] })).await.expect(422);
    desk.agent.post(&desk.of(one, "/read"), &json!({})).await.expect(200);
    assert_eq!(desk.ids("view=all&label=Urgente", 50).await, [one.to_string()]);
    assert_eq!(desk.ids("view=all&unread=true", 50).await.len(), 1);
    assert!(desk.ids("view=all&failed=true", 50).await.is_empty());
    assert!(desk.ids("view=all&window_closing=true", 50).await.is_empty());
    desk.api
        .world
        .run("UPDATE chat_conversations SET service_window_ends_at = now() + interval '1 hour' WHERE unread_count = 0")
        .await;
    assert_eq!(desk.ids("view=all&window_closing=true", 50).await, [one.to_string()]);
}

#[tokio::test]
async fn another_tenants_conversation_does_not_exist() {
    let desk = Desk::open().await;
    let (other, channel) = desk.api.world.add_tenant("+5493815550200").await;
    let origin = nexus_core::seam::inbox::Origin::Contact;
    let theirs = desk.api.world.receive_from(other, channel, "+5493815550001", origin, "secreto").await;
    for rest in ["", "/messages", "/notes"] {
        desk.agent.get(&desk.of(theirs, rest)).await.expect(404);
    }
    desk.agent.post(&desk.of(theirs, "/take-over"), &json!({})).await.expect(404);
    assert!(desk.ids("view=all&q=secreto", 50).await.is_empty());
}
