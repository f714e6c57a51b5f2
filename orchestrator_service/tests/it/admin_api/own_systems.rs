//! What a business has set up for itself is what its turns and its mails use.

use orchestrator_service::auth::Role;
use orchestrator_service::jobs_worker;
use orchestrator_service::turns::take_turn;
use serde_json::{Value, json};

use super::integrations::put;
use super::support::{Api, Client};
use crate::support::{FakeModel, MailServer};

async fn desk() -> (Api, Client) {
    let api = Api::with(&[("ALLOW_PRIVATE_TARGETS", "true")]).await;
    let administrator = api.member(api.world.tenant, Role::Administrator).await;
    (api, administrator)
}

async fn answer(api: &Api, words: &str) {
    api.world.receive(words).await;
    let turn = api.world.claim_one().await;
    take_turn(&api.world.brain, &turn).await.unwrap();
}

#[tokio::test]
async fn turns_ask_the_model_of_the_business_as_it_is_set_up_now() {
    let (api, administrator) = desk().await;
    let path = format!("/tenants/{}/integrations/openai", api.world.tenant);
    answer(&api, "uno").await;
    assert_eq!(api.world.model.requests().len(), 1, "the installation's");

    let (first, second) = (FakeModel::start().await, FakeModel::start().await);
    let body = |url: &str| json!({"settings": {"base_url": url, "model": "own-model"}, "secret": "sk-own-0123456789"});
    put(&administrator, &path, "*", &body(&first.base_url)).await.expect(200);
    answer(&api, "dos").await;
    assert_eq!(first.requests()[0]["model"], "own-model");
    // An edit counts from the next turn on, although the client was kept.
    put(&administrator, &path, "*", &body(&second.base_url)).await.expect(200);
    answer(&api, "tres").await;
    assert_eq!((first.requests().len(), second.requests().len()), (1, 1));
    // Whoever has nothing of their own goes on with the installation's.
    administrator.clone().with("if-match", "*").delete(&path).await.expect(204);
    answer(&api, "cuatro").await;
    assert_eq!((second.requests().len(), api.world.model.requests().len()), (1, 2));
}

#[tokio::test]
async fn a_refused_key_is_shown_and_nobody_else_pays() {
    let (api, administrator) = desk().await;
    let path = format!("/tenants/{}/integrations/openai", api.world.tenant);
    let own = FakeModel::start().await;
    own.replies(axum::http::StatusCode::UNAUTHORIZED, json!({"error": {"code": "invalid_api_key"}}));
    let body = json!({"settings": {"base_url": own.base_url}, "secret": "sk-own-0123456789"});
    put(&administrator, &path, "*", &body).await.expect(200);
    answer(&api, "hola").await;
    assert!(api.world.model.requests().is_empty(), "the installation's key was used");
    let shown: Value = administrator.get(&path).await.expect(200).json();
    assert_eq!(shown["state"], "needs_reauth");
    let health = administrator.get(&format!("/tenants/{}/health", api.world.tenant)).await.expect(200).json();
    let parts = health["parts"].as_array().unwrap();
    let part = |name: &str| parts.iter().find(|part| part["part"] == name).unwrap_or_else(|| panic!("{name}: {health}"));
    assert_eq!((&health["state"], &part("model")["state"]), (&json!("failed"), &json!("failed")));
    assert_eq!((&part("postgres")["state"], &part("redis")["state"]), (&json!("ok"), &json!("ok")));
    assert_eq!((&part("channel")["state"], &part("shop")["state"]), (&json!("unchecked"), &json!("not_set_up")));
}

#[tokio::test]
async fn handoff_mail_leaves_by_the_mail_server_of_the_business() {
    let (api, administrator) = desk().await;
    let server = MailServer::start().await;
    let settings =
        json!({"host": "127.0.0.1", "port": server.port, "security": "none", "user": "clinic", "from": "clinic@example.com"});
    let path = format!("/tenants/{}/integrations/smtp", api.world.tenant);
    put(&administrator, &path, "*", &json!({"settings": settings, "secret": "p4ssw0rd-planted"})).await.expect(200);
    api.world.model.calls("c", "request_handoff", &json!({"reason": "quiere hablar"}));
    api.world.model.says("ya te paso");
    answer(&api, "quiero una persona").await;
    jobs_worker::work_once(&api.world.brain).await.unwrap();
    assert_eq!(server.accepted(), ["uno@example.com", "dos@example.com"]);
}
