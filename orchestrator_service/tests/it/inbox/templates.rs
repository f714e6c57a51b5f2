//! Templates: read from the provider, submitted to it, and sent with parameters that match.

use std::sync::{Arc, Mutex};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use orchestrator_service::jobs_worker::work_once;
use serde_json::{Value, json};

use super::Desk;
use crate::admin_api::support::Api;
use crate::support::world::{BUSINESS, CUSTOMER};

/// A provider with one account: its templates, and the calls that changed them.
#[derive(Clone, Default)]
struct Provider {
    templates: Arc<Mutex<Vec<Value>>>,
    /// The next change acts and then fails, so that its answer is lost.
    loses_answer: Arc<Mutex<bool>>,
}

impl Provider {
    async fn start(templates: &[Value]) -> (Self, String) {
        let provider = Self { templates: Arc::new(Mutex::new(templates.to_vec())), ..Self::default() };
        let app = Router::new()
            .route(
                "/whatsapp/phoneNumbers",
                get(async || Json(json!({ "items": [{ "phoneNumber": BUSINESS, "wabaId": "100" }] }))),
            )
            .route("/whatsapp/templates", get(Self::list).post(Self::create))
            .route("/whatsapp/templates/{account}/{name}/{language}", get(Self::show).delete(Self::delete))
            .with_state(provider.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (provider, url)
    }

    async fn list(State(provider): State<Self>) -> Json<Value> {
        Json(json!({ "items": *provider.templates.lock().unwrap() }))
    }

    async fn create(State(provider): State<Self>, Json(mut new): Json<Value>) -> (StatusCode, Json<Value>) {
        let mut templates = provider.templates.lock().unwrap();
        if templates.iter().any(|known| known["name"] == new["name"]) {
            return (StatusCode::CONFLICT, Json(json!({ "error": { "code": "ALREADY_EXISTS" } })));
        }
        if new["name"] == "grosero" {
            return (
                StatusCode::BAD_REQUEST,
                Json(json!({ "error": { "code": "PARAM_INVALID", "message": "No abusive words." } })),
            );
        }
        new["status"] = json!("PENDING");
        templates.push(new.clone());
        let is_lost = std::mem::take(&mut *provider.loses_answer.lock().unwrap());
        if is_lost { (StatusCode::BAD_GATEWAY, Json(Value::Null)) } else { (StatusCode::OK, Json(new)) }
    }

    async fn show(State(provider): State<Self>, Path((_, name, _)): Path<(String, String, String)>) -> (StatusCode, Json<Value>) {
        let found = provider.templates.lock().unwrap().iter().find(|known| known["name"] == name.as_str()).cloned();
        found.map_or((StatusCode::NOT_FOUND, Json(Value::Null)), |found| (StatusCode::OK, Json(found)))
    }

    async fn delete(State(provider): State<Self>, Path((_, name, _)): Path<(String, String, String)>) -> Json<Value> {
        provider.templates.lock().unwrap().retain(|known| known["name"] != name.as_str());
        Json(json!({}))
    }
}

fn reminder(status: &str) -> Value {
    json!({ "wabaId": "100", "name": "recordatorio", "language": "es_AR", "category": "UTILITY", "status": status,
            "qualityRating": "GREEN", "components": [{ "type": "BODY", "text": "Hola {{1}}, tu turno es {{2}}." }] })
}

async fn desk(templates: &[Value]) -> (Desk, Provider) {
    let (provider, url) = Provider::start(templates).await;
    let desk = Desk::of_api(Api::with(&[("YCLOUD_API_URL", &url), ("JOB_RETRY_SCALE", "0.000001")]).await).await;
    let sync = json!({ "channel_id": desk.api.world.channel });
    desk.admin.post(&format!("{}/template-syncs", desk.path), &sync).await.expect(202);
    work(&desk).await;
    (desk, provider)
}

/// Works until no job is due; the reading job rests for a day afterwards.
async fn work(desk: &Desk) {
    while work_once(&desk.api.world.brain).await.unwrap() > 0 {}
}

async fn only(desk: &Desk) -> Value {
    desk.agent.get(&format!("{}/templates", desk.path)).await.expect(200).json()["items"][0].clone()
}

#[tokio::test]
async fn an_approved_template_is_sent_outside_the_window_once_and_with_parameters_that_match() {
    let (desk, _) = desk(&[reminder("APPROVED")]).await;
    let conversation = desk.receive_from(CUSTOMER, "hola").await;
    desk.api.world.run("UPDATE chat_conversations SET service_window_ends_at = now() - interval '1 day'").await;
    let template = only(&desk).await;
    let path = desk.of(conversation, "/template-messages");
    let with = |body: Value| json!({ "template_id": template["id"], "parameters": { "body": body } });
    desk.agent.post(&path, &with(json!(["Ana", "el lunes"]))).await.expect(400);
    let keyed = desk.agent.clone().with("idempotency-key", "k1");
    for (body, field) in [(json!(["Ana"]), "parameters.body"), (json!(["Ana", "a\nb"]), "parameters.body[1]")] {
        let refused = keyed.post(&path, &with(body)).await.expect(422).json();
        assert_eq!(refused["errors"][0]["field"], field);
    }
    let preview = format!("{}/templates/{}/preview", desk.path, template["id"].as_str().unwrap());
    let read = desk.agent.post(&preview, &json!({ "parameters": { "body": ["Ana", "el lunes"] } })).await.expect(200).json();
    assert_eq!(read["body"], "Hola Ana, tu turno es el lunes.");
    let sent = keyed.post(&path, &with(json!(["Ana", "el lunes"]))).await.expect(201).json();
    assert_eq!((sent["kind"].as_str(), sent["body"].as_str()), (Some("template"), read["body"].as_str()));
    assert_eq!(keyed.post(&path, &with(json!(["Ana", "el lunes"]))).await.expect(201).json()["id"], sent["id"]);
    let content: Value = desk.api.world.one("SELECT content FROM outbox").await;
    assert_eq!(content["components"][0]["parameters"][1]["text"], "el lunes");
    assert_eq!((content["name"].as_str(), content["language"].as_str()), (Some("recordatorio"), Some("es_AR")));
}

#[tokio::test]
async fn what_whatsapp_would_refuse_is_refused_before_sending() {
    let (desk, _) = desk(&[reminder("APPROVED")]).await;
    let conversation = desk.receive_from(CUSTOMER, "hola").await;
    let template = only(&desk).await["id"].clone();
    let body = json!({ "template_id": template, "parameters": { "body": ["Ana", "hoy"] } });
    for status in ["paused", "rejected", "disabled", "pending", "archived"] {
        sqlx::query("UPDATE message_templates SET status = $1")
            .bind(status)
            .execute(desk.api.world.brain.db.pool())
            .await
            .unwrap();
        let refused =
            desk.agent.clone().with("idempotency-key", status).post(&desk.of(conversation, "/template-messages"), &body).await;
        assert_eq!(refused.expect(409).code(), "wrong_state", "{status}");
    }
    assert_eq!(desk.api.world.one::<i64>("SELECT count(*) FROM outbox").await, 0);
    let nothing = json!({ "template_id": uuid::Uuid::nil() });
    let refused =
        desk.agent.clone().with("idempotency-key", "x").post(&desk.of(conversation, "/template-messages"), &nothing).await;
    assert_eq!(refused.expect(422).json()["errors"][0]["field"], "template_id");
}

#[tokio::test]
async fn a_new_one_is_submitted_once_even_when_the_answer_was_lost_and_a_refusal_is_shown() {
    let (desk, provider) = desk(&[]).await;
    *provider.loses_answer.lock().unwrap() = true;
    let new = |name: &str| {
        json!({ "channel_id": desk.api.world.channel, "name": name, "language": "es_AR", "category": "utility",
                "components": [{ "type": "BODY", "text": "Hola." }] })
    };
    let path = format!("{}/templates", desk.path);
    let made = desk.admin.post(&path, &new("aviso")).await.expect(201).json();
    assert_eq!((made["status"].as_str(), made["pending_change"].as_str()), (Some("unsubmitted"), Some("create")));
    assert_eq!(desk.admin.post(&path, &new("aviso")).await.expect(409).code(), "already_exists");
    crate::support::eventually("the submission", async || {
        work(&desk).await;
        (only(&desk).await["status"] == "pending").then_some(())
    })
    .await;
    assert_eq!(provider.templates.lock().unwrap().len(), 1, "submitted once");

    let refused = desk.admin.post(&path, &new("grosero")).await.expect(201).json();
    work(&desk).await;
    let one = format!("{path}/{}", refused["id"].as_str().unwrap());
    assert_eq!(desk.agent.get(&one).await.expect(200).json()["change_error"], "No abusive words.");
    desk.admin.delete(&one).await.expect(204);
    desk.agent.get(&one).await.expect(404);

    let first = format!("{path}/{}", made["id"].as_str().unwrap());
    desk.admin.delete(&first).await.expect(204);
    work(&desk).await;
    desk.agent.get(&first).await.expect(404);
    assert!(provider.templates.lock().unwrap().is_empty());
    let bad =
        json!({ "channel_id": desk.api.world.channel, "name": "No", "language": "x", "category": "utility", "components": [] });
    let errors = desk.admin.post(&path, &bad).await.expect(422).json()["errors"].clone();
    let fields: Vec<&str> = errors.as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["name", "language", "components"]);
}

#[tokio::test]
async fn reading_follows_the_provider_and_what_is_gone_there_is_gone_here() {
    let (desk, provider) = desk(&[reminder("APPROVED")]).await;
    provider.templates.lock().unwrap()[0] = reminder("PAUSED");
    let sync = json!({ "channel_id": desk.api.world.channel });
    desk.admin.post(&format!("{}/template-syncs", desk.path), &sync).await.expect(202);
    work(&desk).await;
    let paused = only(&desk).await;
    assert_eq!(
        (paused["status"].as_str(), paused["quality"].as_str(), paused["revision"].as_i64()),
        (Some("paused"), Some("green"), Some(2))
    );
    provider.templates.lock().unwrap().clear();
    desk.admin.post(&format!("{}/template-syncs", desk.path), &sync).await.expect(202);
    work(&desk).await;
    assert!(only(&desk).await.is_null());
    assert_eq!(desk.api.world.one::<i64>("SELECT count(*) FROM jobs WHERE kind = 'template_sync'").await, 1);
}
