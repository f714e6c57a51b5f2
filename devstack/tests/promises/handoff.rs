//! Handoff: the customer is told once, the business gets one mail, and nobody is forgotten while mail is down.

use serde_json::json;

use crate::world::{CLINIC, LUCIA, builder, count, count_becomes, quiet, start, texts};

#[tokio::test]
async fn smtp_down_for_a_while_is_one_mail_in_the_end_and_visible() {
    let stack = start(builder("smtp_down")).await;
    stack.sim().fault(&json!({ "target": "smtp", "kind": "reset_before", "times": 3 })).await.unwrap();
    stack.sim().inbound(LUCIA, CLINIC, "quiero hablar con una persona").await.unwrap();
    quiet(&stack).await;
    let mails = stack.sim().mails().await.unwrap();
    assert_eq!(mails["total"], 1, "{mails}");
    assert!(count(&stack, "SELECT count(*) FROM system_events WHERE kind = 'smtp_failed'").await >= 1);
    assert_eq!(count(&stack, "SELECT count(*) FROM jobs WHERE state = 'done'").await, 1);
    let mail = mails["items"][0].to_string();
    assert!(mail.contains(LUCIA) && mail.contains("/inbox/all/"), "{mail}");
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn a_handoff_under_the_old_name_silences_the_assistant() {
    let stack = start(builder("derivhumano")).await;
    let script = json!({ "responses": [
        { "tool_calls": [{ "name": "derivhumano", "arguments": { "reason": "pide una persona" } }] },
        { "text": "Te paso con una persona del equipo." }
    ]});
    stack.sim().script(&script).await.unwrap();
    stack.sim().inbound(LUCIA, CLINIC, "quiero un humano").await.unwrap();
    quiet(&stack).await;
    assert_eq!(texts(&stack, LUCIA).await, ["Te paso con una persona del equipo."]);
    assert_eq!(
        count(&stack, "SELECT count(*) FROM chat_conversations WHERE handled_by = 'agent' AND status = 'pending'").await,
        1
    );
    stack.sim().inbound(LUCIA, CLINIC, "¿hola?").await.unwrap();
    count_becomes(&stack, "SELECT count(*) FROM chat_messages WHERE direction = 'inbound'", 2).await;
    quiet(&stack).await;
    assert_eq!(texts(&stack, LUCIA).await.len(), 1);
    assert_eq!(stack.sim().mails().await.unwrap()["total"], 1);
    stack.stop().await.unwrap();
}

/// A newer message must not swallow the words that tell the customer about the handoff.
#[tokio::test]
async fn a_message_during_the_handoff_does_not_leave_the_customer_untold() {
    let stack = start(builder("handoff_late")).await;
    let script = json!({ "responses": [
        { "tool_calls": [{ "name": "request_handoff", "arguments": { "reason": "reclamo" } }] },
        { "text": "Te paso con una persona.", "hold": true }
    ]});
    stack.sim().script(&script).await.unwrap();
    stack.sim().inbound(LUCIA, CLINIC, "tengo un reclamo").await.unwrap();
    crate::world::model_is_asked(&stack).await;
    stack.sim().inbound(LUCIA, CLINIC, "¿me escuchan?").await.unwrap();
    count_becomes(&stack, "SELECT count(*) FROM chat_messages WHERE direction = 'inbound'", 2).await;
    stack.sim().release(&json!({})).await.unwrap();
    quiet(&stack).await;
    assert_eq!(texts(&stack, LUCIA).await, ["Te paso con una persona."]);
    stack.stop().await.unwrap();
}
