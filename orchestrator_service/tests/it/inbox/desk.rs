//! Drafts, views of one's own, mentions, and canned replies that are filled in.

use orchestrator_service::auth::Role;
use serde_json::json;

use super::Desk;

#[tokio::test]
async fn a_draft_is_on_every_device_of_its_person_and_on_nobody_elses() {
    let desk = Desk::open().await;
    let conversation = desk.receive_from("+5493815550001", "hola").await;
    let path = desk.of(conversation, "/draft");
    assert_eq!(desk.agent.get(&path).await.expect(200).json()["body"], "");
    desk.agent.put(&path, &json!({ "mode": "note", "body": "a medias" })).await.expect(200);
    let kept = desk.agent.get(&path).await.expect(200).json();
    assert_eq!((kept["mode"].as_str(), kept["body"].as_str()), (Some("note"), Some("a medias")));
    assert_eq!(desk.admin.get(&path).await.expect(200).json()["body"], "", "somebody else's");
    desk.agent.put(&path, &json!({ "mode": "reply", "body": "" })).await.expect(200);
    assert_eq!(desk.api.world.one::<i64>("SELECT count(*) FROM conversation_drafts").await, 0);
    desk.agent.put(&path, &json!({ "mode": "reply", "body": "x".repeat(10_001) })).await.expect(422);
    assert_eq!(desk.api.admin_key().get(&path).await.expect(409).code(), "wrong_state", "a script has no desk");
}

#[tokio::test]
async fn views_belong_to_their_person() {
    let desk = Desk::open().await;
    let path = format!("{}/saved-views", desk.path);
    let view = json!({ "name": "Urgentes", "filter": { "view": "waiting", "label": "Urgente" } });
    let made = desk.agent.post(&path, &view).await.expect(201).json();
    assert_eq!(desk.agent.post(&path, &json!({ "name": "urgentes", "filter": {} })).await.expect(409).code(), "already_exists");
    desk.admin.post(&path, &view).await.expect(201);
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    let edit = json!({ "name": "Mías", "filter": { "view": "mine" } });
    desk.admin.clone().with("if-match", "*").put(&one, &edit).await.expect(404);
    let mine = desk.agent.clone().with("if-match", "\"1\"");
    assert_eq!(mine.put(&one, &edit).await.expect(200).json()["filter"]["view"], "mine");
    mine.put(&one, &edit).await.expect(412);
    desk.admin.delete(&one).await.expect(404);
    desk.agent.delete(&one).await.expect(204);
    assert_eq!(desk.agent.get(&path).await.expect(200).json(), json!([]));
    desk.agent.post(&path, &json!({ "name": "x", "filter": { "nonsense": 1 } })).await.expect(422);
}

#[tokio::test]
async fn whoever_is_named_in_a_note_finds_it_until_they_have_seen_it() {
    let desk = Desk::open().await;
    let conversation = desk.receive_from("+5493815550001", "hola").await;
    let user = desk.api.user("bea@example.com").await;
    desk.api.join(desk.api.world.tenant, user, Role::Agent).await;
    let bea = desk.api.browser(user).await;
    let note = json!({ "body": "¿podés mirar?", "mentions": [user] });
    let note = desk.agent.post(&desk.of(conversation, "/notes"), &note).await.expect(201).json();
    let path = format!("{}/mentions", desk.path);
    let found = bea.get(&format!("{path}?unseen=true")).await.expect(200).json();
    assert_eq!(found["items"][0]["note"]["id"], note["id"]);
    assert_eq!(found["items"][0]["conversation_id"], conversation.to_string());
    let seen = format!("{path}/{}/seen", note["id"].as_str().unwrap());
    desk.agent.post(&seen, &json!({})).await.expect(404);
    bea.post(&seen, &json!({})).await.expect(204);
    assert_eq!(bea.get(&format!("{path}?unseen=true")).await.expect(200).json()["items"], json!([]));
    assert_eq!(bea.get(&path).await.expect(200).json()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_canned_reply_is_filled_in_for_its_conversation() {
    let desk = Desk::open().await;
    let conversation = desk.receive_from("+5493815550142", "hola").await;
    let reply = json!({ "shortcut": "hola", "title": "Hola", "language": "es",
                        "body": "Hola {{contact.name}}, soy {{agent.name}} de {{business.name}} ({{channel.name}})" });
    let reply = desk.admin.post(&format!("{}/canned-replies", desk.path), &reply).await.expect(201).json();
    let path = format!("{}/canned-replies/{}/preview", desk.path, reply["id"].as_str().unwrap());
    let filled = desk.agent.post(&path, &json!({ "conversation_id": conversation })).await.expect(200).json();
    assert_eq!(filled["text"], "Hola Ana, soy Test de Clínica Demo ({{channel.name}})");
    assert_eq!(filled["missing"], json!(["channel.name"]));
    desk.agent.post(&path, &json!({ "conversation_id": uuid::Uuid::nil() })).await.expect(404);
}
