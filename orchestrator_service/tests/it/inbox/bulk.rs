//! One change to many conversations: each for itself, tried before it is made, and undone by what the answer holds.

use serde_json::{Value, json};
use uuid::Uuid;

use super::Desk;

async fn change(desk: &Desk, body: Value) -> Value {
    desk.agent.post(&format!("{}/conversation-changes", desk.path), &body).await.expect(200).json()
}

#[tokio::test]
async fn each_is_changed_for_itself_and_the_answer_undoes_it() {
    let desk = Desk::open().await;
    let one = desk.handed_over("+5493815550001").await;
    let two = desk.receive_from("+5493815550002", "hola").await;
    let label = json!({ "name": "Urgente", "color": "red" });
    desk.admin.post(&format!("{}/labels", desk.path), &label).await.expect(201);
    let ids = json!([one, two, Uuid::nil()]);

    let tried = change(&desk, json!({ "ids": ids, "action": { "kind": "return" }, "dry_run": true })).await;
    let outcomes = |answer: &Value| {
        let items = answer["items"].as_array().unwrap().iter();
        items.map(|item| (item["outcome"].as_str().unwrap().to_owned(), item["code"].clone())).collect::<Vec<_>>()
    };
    let refused = |code: &str| ("refused".to_owned(), json!(code));
    let changed = ("changed".to_owned(), Value::Null);
    assert_eq!(outcomes(&tried), [refused("not_found"), changed.clone(), refused("wrong_state")]);
    assert_eq!(desk.view(one).await["handled_by"], "agent", "only tried");

    let labelled = change(&desk, json!({ "ids": ids, "action": { "kind": "label", "add": ["Urgente"] } })).await;
    assert_eq!(outcomes(&labelled), [refused("not_found"), changed.clone(), changed.clone()]);
    assert_eq!(desk.ids("view=all&label=Urgente", 50).await.len(), 2);
    let undone = json!({ "ids": [one], "action": { "kind": "label", "remove": ["Urgente"] } });
    assert_eq!(change(&desk, undone).await["items"][0]["previous"]["labels"], json!(["Urgente"]));

    let me = desk.agent.get("/me").await.expect(200).json();
    let me = me["user"]["user_id"]
        .as_str()
        .or(me["user"]["id"].as_str())
        .or(me["user_id"].as_str())
        .or(me["id"].as_str())
        .unwrap()
        .to_owned();
    let by_filter = json!({ "filter": { "view": "all", "label": "Urgente" }, "action": { "kind": "assign", "user_id": me } });
    let assigned = change(&desk, by_filter).await;
    assert_eq!(assigned["items"].as_array().unwrap().len(), 1);
    assert!(assigned["items"][0]["previous"]["assigned_user_id"].is_null());
    assert_eq!(desk.view(two).await["assigned_user_id"], me.as_str());
    let audited: i64 = desk.api.world.one("SELECT count(*) FROM audit_log WHERE action = 'conversation.assigned'").await;
    assert_eq!(audited, 1);
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_and_a_repeated_request_does_nothing_twice() {
    let desk = Desk::open().await;
    let one = desk.receive_from("+5493815550001", "hola").await;
    let path = format!("{}/conversation-changes", desk.path);
    let resolve = json!({ "kind": "resolve" });
    let many: Vec<Uuid> = (0..101).map(|_| Uuid::now_v7()).collect();
    for bad in [
        json!({ "action": resolve }),
        json!({ "ids": [one], "filter": {}, "action": resolve }),
        json!({ "ids": many, "action": resolve }),
        json!({ "ids": [one], "action": { "kind": "explode" } }),
        json!({ "filter": { "nonsense": 1 }, "action": resolve }),
    ] {
        desk.agent.post(&path, &bad).await.expect(422);
    }
    let keyed = desk.agent.clone().with("idempotency-key", "k");
    let body = json!({ "ids": [one], "action": resolve });
    let first = keyed.post(&path, &body).await.expect(200).json();
    assert_eq!(first["items"][0]["previous"]["status"], "open");
    assert_eq!(keyed.post(&path, &body).await.expect(200).json(), first);
    assert_eq!(desk.events(one).await.len(), 1);
}
