//! `POST /chat` as its callers know it, through the real service.

use axum::http::StatusCode;
use orchestrator_service::App;
use orchestrator_service::chat::{ChatRequest, enter};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::world::{BUSINESS, CUSTOMER, TOKEN};
use crate::support::{World, eventually};

/// The running service on the world's database.
pub struct Service {
    pub world: World,
    pub base_url: String,
    http: reqwest::Client,
    shutdown: CancellationToken,
}

impl Service {
    pub async fn start() -> Self {
        let world = World::new().await;
        let shutdown = CancellationToken::new();
        let metrics = nexus_core::telemetry::start_metrics().unwrap();
        let app = App::listen(world.config.clone(), metrics, shutdown.clone()).await.unwrap();
        let base_url = format!("http://127.0.0.1:{}", app.address().port());
        tokio::spawn(app.run());
        let service = Self { world, base_url, http: reqwest::Client::new(), shutdown };
        eventually("the service is open", async || {
            let (status, _) = service.post(Some(TOKEN), &json!({})).await;
            (status == StatusCode::UNPROCESSABLE_ENTITY).then_some(())
        })
        .await;
        eventually("the brain is awake", async || {
            let mut nobody = message("probe", "hola");
            nobody["to_number"] = json!("+5493815559999");
            let (status, _) = service.post(Some(TOKEN), &nobody).await;
            (status == StatusCode::NOT_FOUND).then_some(())
        })
        .await;
        service
    }

    pub async fn post(&self, token: Option<&str>, body: &Value) -> (StatusCode, Value) {
        let mut request = self.http.post(format!("{}/chat", self.base_url)).json(body);
        if let Some(token) = token {
            request = request.header("X-Internal-Token", token);
        }
        let response = request.send().await.unwrap();
        let status = StatusCode::from_u16(response.status().as_u16()).unwrap();
        (status, response.json().await.unwrap_or_default())
    }

    async fn ask(&self, body: &Value) -> Value {
        let (status, answer) = self.post(Some(TOKEN), body).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

fn message(event: &str, text: &str) -> Value {
    json!({
        "provider": "ycloud", "event_id": event, "provider_message_id": format!("wamid.{event}"), "from_number": CUSTOMER,
        "to_number": BUSINESS, "text": text, "customer_name": "Ana", "event_type": "whatsapp.inbound_message.received", "correlation_id": "k"
    })
}

#[tokio::test]
async fn a_message_is_answered_once_and_nothing_goes_to_the_outbox() {
    let service = Service::start().await;
    service.world.model.says("¡Hola!");
    let first = service.ask(&message("e1", "hola")).await;
    assert_eq!((&first["status"], &first["send"], &first["text"]), (&json!("ok"), &json!(true), &json!("¡Hola!")));
    assert_eq!(first["messages"][0]["part"], 1);
    assert_eq!(first["messages"][0]["needs_handoff"], false);
    assert_eq!(first["messages"][0]["meta"]["correlation_id"], "k");
    let again = service.ask(&message("e1", "hola")).await;
    assert_eq!((&again["status"], &again["send"]), (&json!("duplicate"), &json!(false)));
    assert_eq!(again["messages"], first["messages"]);
    let mut same_message = message("e2", "hola");
    same_message["provider_message_id"] = json!("wamid.e1");
    assert_eq!(service.ask(&same_message).await["status"], "duplicate", "another event with the same message");
    assert_eq!(service.world.one::<i64>("SELECT count(*) FROM outbox").await, 0);
    assert_eq!(service.world.model.requests().len(), 1);
}

#[tokio::test]
async fn tokens_bodies_and_numbers_are_refused_as_the_contract_says() {
    let service = Service::start().await;
    let good = message("e1", "hola");
    assert_eq!(service.post(None, &good).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(service.post(Some("wrong"), &good).await.0, StatusCode::UNAUTHORIZED);
    let (status, problem) = service.post(Some(TOKEN), &json!({"text": 1})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(problem["detail"].as_str().unwrap().contains("from_number"), "{problem}");
    let mut unknown = good.clone();
    unknown["to_number"] = json!("+5493815559999");
    let (status, problem) = service.post(Some(TOKEN), &unknown).await;
    assert_eq!((status, &problem["code"]), (StatusCode::NOT_FOUND, &json!("unknown_number")));
    let hostile = service.ask(&message("e2", &"a\u{0}é".repeat(20_000))).await;
    assert_eq!(hostile["status"], "ok");
}

#[tokio::test]
async fn a_second_call_with_a_running_event_is_told_so() {
    let service = Service::start().await;
    service.world.model.holds("¡Hola!");
    let body = message("e1", "hola");
    let first = service.ask(&body);
    let second = async {
        eventually("the model is asked", async || (!service.world.model.requests().is_empty()).then_some(())).await;
        let answer = service.ask(&body).await;
        service.world.model.release();
        answer
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first["status"], "ok");
    assert_eq!((&second["status"], &second["send"]), (&json!("processing"), &json!(false)));
}

#[tokio::test]
async fn a_failed_run_releases_its_event() {
    let service = Service::start().await;
    service.world.model.holds("perdido");
    let body = message("e1", "hola");
    let failing = service.post(Some(TOKEN), &body);
    let steal = async {
        eventually("the model is asked", async || (!service.world.model.requests().is_empty()).then_some(())).await;
        service.world.run("UPDATE turns SET lease_token = gen_random_uuid()").await;
        service.world.model.release();
    };
    let ((status, problem), ()) = tokio::join!(failing, steal);
    assert_eq!((status, &problem["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("chat_failed")));
    assert_eq!(service.world.one::<i64>("SELECT count(*) FROM chat_requests").await, 0);
    // The turn's new owner is dead too, so a worker takes it over; the caller's retry gets its answer.
    service.world.expire_leases().await;
    let retried = service.ask(&body).await;
    assert_eq!((&retried["status"], &retried["send"]), (&json!("ok"), &json!(true)), "{retried}");
    assert_eq!(service.world.said().await.len(), 1);
}

#[tokio::test]
async fn a_newer_message_supersedes_and_its_caller_gets_the_answer_to_both() {
    let service = Service::start().await;
    service.world.model.holds("viejo");
    let first = async { service.ask(&message("e1", "uno")).await };
    let second = async {
        eventually("the model is asked", async || (!service.world.model.requests().is_empty()).then_some(())).await;
        let newer = message("e2", "dos");
        let answer = service.ask(&newer);
        let release = async {
            eventually("the second message", async || {
                (service.world.one::<i64>("SELECT count(*) FROM chat_messages").await == 2).then_some(())
            })
            .await;
            service.world.model.release();
        };
        tokio::join!(answer, release).0
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!((&first["status"], &first["send"]), (&json!("ignored"), &json!(false)));
    assert_eq!(first["reason"], "superseded by a newer message");
    assert_eq!((&second["status"], &second["text"]), (&json!("ok"), &json!("eco: dos")));
    let last = service.world.model.requests().pop().unwrap();
    let words: Vec<&str> = last["messages"].as_array().unwrap()[1..].iter().map(|m| m["content"].as_str().unwrap()).collect();
    assert_eq!(words, ["uno", "dos"]);
}

#[tokio::test]
async fn an_echo_pauses_the_assistant_and_messages_after_it_are_ignored() {
    let service = Service::start().await;
    let mut echo = message("e1", "ya te atiendo");
    echo["event_type"] = json!("whatsapp.smb.message.echoes");
    echo["from_number"] = json!(BUSINESS);
    echo["to_number"] = json!(CUSTOMER);
    assert_eq!(service.ask(&echo).await["status"], "ignored");
    let after = service.ask(&message("e2", "gracias")).await;
    assert_eq!((&after["status"], &after["reason"]), (&json!("ignored"), &json!("a person has the conversation")));
    assert_eq!(service.world.one::<String>("SELECT author FROM chat_messages ORDER BY created_at LIMIT 1").await, "phone");
    assert!(service.world.model.requests().is_empty());
}

#[tokio::test]
async fn a_handoff_is_marked_and_the_answer_still_given() {
    let service = Service::start().await;
    service.world.model.calls("c", "request_handoff", &json!({"reason": "lo pidió"}));
    service.world.model.says("Ya te paso.");
    let answer = service.ask(&message("e1", "una persona por favor")).await;
    assert_eq!(answer["status"], "ok");
    assert_eq!((&answer["messages"][0]["needs_handoff"], &answer["messages"][0]["handoff"]), (&json!(true), &json!(true)));
}

#[tokio::test]
async fn the_ledger_gives_an_event_to_one_and_takes_over_from_the_dead() {
    use orchestrator_service::chat::Entry;
    let world = World::new().await;
    let request = ChatRequest::read(message("e1", "hola").to_string().as_bytes()).unwrap();
    let (db, tenant) = (&world.brain.db, world.tenant);
    let enter = async || enter(db, tenant, request.provider, &request.event_id).await.unwrap();
    let (one, two) = tokio::join!(enter(), enter());
    let ours = [&one, &two].iter().filter(|entry| matches!(entry, Entry::Ours(_))).count();
    assert_eq!(ours, 1, "{one:?} {two:?}");
    assert!(matches!(enter().await, Entry::Running));
    world.run("UPDATE chat_requests SET leased_until = now() - interval '1 second'").await;
    assert!(matches!(enter().await, Entry::Ours(_)));
}
