//! When a person has the conversation, the bot is silent.

use serde_json::json;

use crate::world::{CLINIC, LUCIA, builder, count, count_becomes, model_is_asked, model_says, quiet, start, texts};

#[tokio::test]
async fn a_reply_from_the_phone_while_the_model_answers_silences_the_bot() {
    let stack = start(builder("echo")).await;
    stack.sim().script(&json!({ "responses": [{ "text": "RESPUESTA DEL BOT", "hold": true }] })).await.unwrap();
    stack.sim().inbound(LUCIA, CLINIC, "hola").await.unwrap();
    model_is_asked(&stack).await;
    stack.sim().echo(&json!({ "from": CLINIC, "to": LUCIA, "text": "Te respondo yo" })).await.unwrap();
    count_becomes(&stack, "SELECT count(*) FROM chat_messages WHERE author = 'phone'", 1).await;
    stack.sim().release(&json!({})).await.unwrap();
    quiet(&stack).await;
    assert_eq!(texts(&stack, LUCIA).await, Vec::<String>::new());
    assert_eq!(count(&stack, "SELECT count(*) FROM chat_conversations WHERE handled_by = 'agent'").await, 1);

    stack.sim().inbound(LUCIA, CLINIC, "¿seguís ahí?").await.unwrap();
    count_becomes(&stack, "SELECT count(*) FROM chat_messages WHERE direction = 'inbound'", 2).await;
    quiet(&stack).await;
    assert_eq!(texts(&stack, LUCIA).await, Vec::<String>::new(), "the person has the conversation");
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn a_reply_from_the_phone_stops_bubbles_that_are_already_queued() {
    // A pause between bubbles long enough that the second is still waiting when the person answers.
    let stack = start(builder("echo_bubbles").edge_env("WHATSAPP_BUBBLE_DELAY_SECONDS", "5")).await;
    let paragraph = "Una frase bastante larga que llena la primera burbuja de la respuesta del asistente. ".repeat(5);
    model_says(&stack, &[&format!("{paragraph}\n\n{paragraph}")]).await;
    stack.sim().inbound(LUCIA, CLINIC, "hola").await.unwrap();
    count_becomes(&stack, "SELECT count(*) FROM outbox WHERE state = 'sent'", 1).await;
    stack.sim().echo(&json!({ "from": CLINIC, "to": LUCIA, "text": "Sigo yo" })).await.unwrap();
    count_becomes(&stack, "SELECT count(*) FROM chat_messages WHERE author = 'phone'", 1).await;
    quiet(&stack).await;
    assert_eq!(texts(&stack, LUCIA).await.len(), 1);
    assert!(count(&stack, "SELECT count(*) FROM outbox WHERE state = 'cancelled'").await >= 1);
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn after_the_silence_window_the_next_message_is_answered_again() {
    let stack = start(builder("resume")).await;
    stack.sim().inbound(LUCIA, CLINIC, "hola").await.unwrap();
    quiet(&stack).await;
    let before = texts(&stack, LUCIA).await.len();
    stack.sim().echo(&json!({ "from": CLINIC, "to": LUCIA, "text": "Te respondo yo" })).await.unwrap();
    count_becomes(&stack, "SELECT count(*) FROM chat_conversations WHERE handled_by = 'agent'", 1).await;
    sqlx::query("UPDATE chat_conversations SET resume_at = now() - interval '1 second'").execute(stack.pool()).await.unwrap();
    stack.sim().inbound(LUCIA, CLINIC, "¿qué horarios tienen?").await.unwrap();
    count_becomes(&stack, "SELECT count(*) FROM turns WHERE state = 'done'", 2).await;
    quiet(&stack).await;
    assert!(texts(&stack, LUCIA).await.len() > before);
    assert_eq!(count(&stack, "SELECT count(*) FROM chat_conversations WHERE handled_by = 'assistant'").await, 1);
    stack.stop().await.unwrap();
}
