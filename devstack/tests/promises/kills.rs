//! `kill -9` of the real programs at every stage. Afterwards every message is there once, answered once, in order, and
//! no outbox row was accepted twice.

use devstack::Stack;
use serde_json::{Value, json};

use crate::world::{CLINIC, LUCIA, PATIENCE, builder, count, each_send_was_made_once, logs, quiet, start, texts};

enum Victim {
    Edge,
    Brain,
}

/// Arms the place, writes, waits for the death, starts the program again, and waits until all is done.
async fn survive(place: &str, victim: Victim, message: &str, script: Option<Value>) -> Stack {
    let mut stack = start(builder(&format!("kill_{place}"))).await;
    if let Some(script) = script {
        stack.sim().script(&script).await.unwrap();
    }
    let armed = [("NEXUS_FAILPOINT", place)];
    match victim {
        Victim::Edge => stack.restart_edge(&armed).await.unwrap(),
        Victim::Brain => stack.restart_brain(&armed).await.unwrap(),
    }
    stack.sim().inbound(LUCIA, CLINIC, message).await.unwrap();
    let process = match victim {
        Victim::Edge => stack.edge.process(),
        Victim::Brain => stack.brain.process(),
    };
    let died = tokio::time::timeout(PATIENCE, process.exited()).await;
    assert!(died.is_ok(), "nobody died at {place}\n{}", logs(&stack));
    match victim {
        Victim::Edge => stack.restart_edge(&[("NEXUS_FAILPOINT", "")]).await.unwrap(),
        Victim::Brain => stack.restart_brain(&[("NEXUS_FAILPOINT", "")]).await.unwrap(),
    }
    quiet(&stack).await;
    assert_eq!(count(&stack, "SELECT count(*) FROM chat_messages WHERE direction = 'inbound'").await, 1, "{place}");
    assert_eq!(count(&stack, "SELECT count(*) FROM turns WHERE state = 'done'").await, 1, "{place}");
    each_send_was_made_once(&stack).await;
    stack
}

/// Two bubbles, so that order shows.
fn long_answer() -> (String, String) {
    let first = "Primera parte de la respuesta, con bastante detalle para que se entienda bien. ".repeat(4);
    let second = "Segunda parte de la respuesta, que llega siempre después de la primera parte. ".repeat(4);
    (first.trim().to_owned(), second.trim().to_owned())
}

async fn answered_in_order(stack: Stack) {
    let bubbles = texts(&stack, LUCIA).await;
    assert!(bubbles.len() >= 2, "{bubbles:?}\n{}", logs(&stack));
    let whole = bubbles.join(" ");
    let (first, second) = long_answer();
    let normal = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(normal(&whole), normal(&format!("{first}\n\n{second}")));
    stack.stop().await.unwrap();
}

/// The customer gets a long answer, in order, although the program died at this place.
async fn survive_answering(place: &str, victim: Victim) {
    let (first, second) = long_answer();
    let script = json!({ "responses": [{ "text": format!("{first}\n\n{second}") }], "repeat": true });
    let stack = survive(place, victim, "contame todo", Some(script)).await;
    answered_in_order(stack).await;
}

#[tokio::test]
async fn killed_after_accept() {
    survive_answering("after_accept", Victim::Edge).await;
}

#[tokio::test]
async fn killed_after_project() {
    survive_answering("after_project", Victim::Edge).await;
}

#[tokio::test]
async fn killed_after_claim() {
    survive_answering("after_claim", Victim::Brain).await;
}

#[tokio::test]
async fn killed_after_a_model_step() {
    survive_answering("after_model_step", Victim::Brain).await;
}

#[tokio::test]
async fn killed_before_finish() {
    survive_answering("before_finish", Victim::Brain).await;
}

#[tokio::test]
async fn killed_after_finish() {
    survive_answering("after_finish", Victim::Brain).await;
}

#[tokio::test]
async fn killed_before_the_send() {
    survive_answering("before_send", Victim::Edge).await;
}

#[tokio::test]
async fn killed_after_the_provider_accepted_and_before_we_recorded_it() {
    survive_answering("after_send", Victim::Edge).await;
}

#[tokio::test]
async fn killed_after_a_tool_with_effects_hands_off_once() {
    let stack = survive("after_tool_effect", Victim::Brain, "quiero hablar con una persona", None).await;
    assert_eq!(count(&stack, "SELECT control_epoch FROM chat_conversations").await, 1);
    assert_eq!(count(&stack, "SELECT count(*) FROM jobs WHERE kind = 'handoff_mail'").await, 1);
    assert_eq!(stack.sim().mails().await.unwrap()["total"], 1);
    assert!(!texts(&stack, LUCIA).await.is_empty(), "the customer was not told");
    stack.stop().await.unwrap();
}
