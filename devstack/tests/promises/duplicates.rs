//! One provider message is one stored message.

use serde_json::json;

use crate::world::{CLINIC, LUCIA, builder, count, each_send_was_made_once, model_says, quiet, start, texts};

#[tokio::test]
async fn the_same_event_64_times_at_once_is_one_row_one_turn_and_64_answers() {
    let stack = start(builder("dup64")).await;
    model_says(&stack, &["¡Hola! ¿En qué te ayudo?"]).await;
    let message = json!({ "from": LUCIA, "to": CLINIC, "text": "hola", "copies": 64, "wait": true });
    let answer = stack.sim().inbound_with(&message).await.unwrap();
    let deliveries = answer["deliveries"].as_array().unwrap();
    assert_eq!(deliveries.len(), 64);
    for delivery in deliveries {
        assert_eq!(delivery["status"], 200, "{delivery}");
    }
    quiet(&stack).await;
    let id = answer["event_id"].as_str().unwrap();
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM webhook_events WHERE event_id = $1")
        .bind(id)
        .fetch_one(stack.pool())
        .await
        .unwrap();
    assert_eq!(rows, 1);
    assert_eq!(count(&stack, "SELECT count(*) FROM chat_messages WHERE direction = 'inbound'").await, 1);
    assert_eq!(count(&stack, "SELECT count(*) FROM turns").await, 1);
    assert_eq!(texts(&stack, LUCIA).await, ["¡Hola! ¿En qué te ayudo?"]);
    each_send_was_made_once(&stack).await;
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn one_message_under_two_event_ids_is_stored_once() {
    let stack = start(builder("dup_wamid")).await;
    model_says(&stack, &["Hola"]).await;
    for event_id in ["evt_first0", "evt_second"] {
        let message =
            json!({ "from": LUCIA, "to": CLINIC, "text": "hola", "event_id": event_id, "wamid": "wamid.same", "wait": true });
        stack.sim().inbound_with(&message).await.unwrap();
    }
    quiet(&stack).await;
    assert_eq!(count(&stack, "SELECT count(*) FROM webhook_events WHERE event_id IN ('evt_first0', 'evt_second')").await, 2);
    assert_eq!(count(&stack, "SELECT count(*) FROM chat_messages WHERE direction = 'inbound'").await, 1);
    assert_eq!(texts(&stack, LUCIA).await, ["Hola"]);
    stack.stop().await.unwrap();
}
