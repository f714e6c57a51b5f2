//! Testing a connection: every outside system with what usually goes wrong there.

use orchestrator_service::auth::Role;
use serde_json::{Value, json};

use super::integrations::put;
use super::support::{Api, Client};
use crate::support::google::{ACCOUNT, ServiceAccount};
use crate::support::{FakeSystem, MailServer};

const KEY: &str = "sk-planted-0123456789abcdef";

struct Desk {
    api: Api,
    administrator: Client,
    outside: FakeSystem,
}

impl Desk {
    async fn new() -> Self {
        let outside = FakeSystem::start().await;
        let token_url = format!("{}/token", outside.url);
        let more = [
            ("ALLOW_PRIVATE_TARGETS", "true"),
            ("GOOGLE_API_URL", outside.url.as_str()),
            ("GOOGLE_TOKEN_URL", token_url.as_str()),
        ];
        let api = Api::with(&more).await;
        let administrator = api.member(api.world.tenant, Role::Administrator).await.with("accept-language", "en");
        Self { api, administrator, outside }
    }

    fn path(&self, kind: &str) -> String {
        format!("/tenants/{}/integrations/{kind}", self.api.world.tenant)
    }

    async fn set_up(&self, kind: &str, settings: Value, secret: &str) {
        put(&self.administrator, &self.path(kind), "*", &json!({"settings": settings, "secret": secret})).await.expect(200);
    }

    /// The state, and the name and words of the last step.
    async fn test(&self, kind: &str, body: Value) -> (String, String, String) {
        let answer = self.administrator.post(&format!("{}/test", self.path(kind)), &body).await.expect(200).json();
        let last = answer["steps"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(answer["ok"], answer["state"] == "working");
        let stored = self.administrator.get(&self.path(kind)).await.expect(200).json();
        assert_eq!((&stored["state"], &stored["checked_at"].is_string()), (&answer["state"], &true), "the result is kept");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&answer["state"]), text(&last["name"]), text(&last["words"]))
    }

    async fn expect(&self, kind: &str, state: &str, step: &str, words: &str) {
        self.expect_with(kind, json!({}), (state, step, words)).await;
    }

    async fn expect_with(&self, kind: &str, body: Value, (state, step, words): (&str, &str, &str)) {
        let found = self.test(kind, body).await;
        assert_eq!((found.0.as_str(), found.1.as_str()), (state, step), "{}", found.2);
        assert!(found.2.contains(words), "{} lacks {words}", found.2);
    }
}

#[tokio::test]
async fn openai_says_what_is_wrong() {
    let desk = Desk::new().await;
    desk.set_up("openai", json!({"base_url": format!("{}/v1", desk.outside.url), "model": "gpt-x"}), KEY).await;
    let (models, chat) = ("GET /v1/models", "POST /v1/chat/completions");
    let listed = |id: &str| json!({"object": "list", "data": [{"id": id}]});
    let error = |code: &str| json!({"error": {"message": format!("key {KEY}"), "type": code, "code": code}});

    desk.outside.answers(models, 401, error("invalid_api_key"));
    desk.expect("openai", "needs_reauth", "sign_in", "refused").await;
    desk.outside.answers_page(models, 200);
    desk.expect("openai", "misconfigured", "sign_in", "not the API").await;
    desk.outside.answers_page(models, 502);
    desk.expect("openai", "unavailable", "sign_in", "502").await;
    desk.outside.answers(models, 429, error("rate_limit_exceeded"));
    desk.expect("openai", "unavailable", "sign_in", "patience").await;
    desk.outside.answers(models, 200, listed("gpt-y"));
    desk.expect("openai", "misconfigured", "model", "gpt-x").await;
    desk.outside.answers(models, 200, listed("gpt-x")).answers(chat, 429, error("insufficient_quota"));
    desk.expect("openai", "suspended", "account", "credit").await;
    desk.outside.answers(chat, 200, error("server_error"));
    desk.expect("openai", "misconfigured", "account", "").await;
    desk.outside.answers(chat, 200, json!({"choices": []}));
    desk.expect("openai", "working", "account", "gpt-x").await;
    // A compatible server without a list of models still has to answer.
    desk.outside.answers(models, 404, json!({"detail": "Not Found"}));
    desk.expect("openai", "working", "account", "gpt-x").await;
    assert!(desk.outside.headers_of(models, "authorization").iter().all(|value| *value == format!("Bearer {KEY}")));
    let spoken = desk.administrator.clone().without("accept-language").with("accept-language", "pt-BR");
    assert!(spoken.get(&desk.path("openai")).await.expect(200).json()["detail"].as_str().unwrap().contains("responde"));
}

#[tokio::test]
async fn a_server_that_keeps_silent_ends_the_test_in_time() {
    let desk = Desk::new().await;
    desk.set_up("openai", json!({"base_url": format!("{}/v1", desk.outside.url)}), KEY).await;
    desk.outside.says_nothing("GET /v1/models");
    let started = std::time::Instant::now();
    desk.expect("openai", "unavailable", "sign_in", "in time").await;
    assert!(started.elapsed() < std::time::Duration::from_secs(12), "{:?}", started.elapsed());
}

#[tokio::test]
async fn tiendanube_says_what_is_wrong() {
    let desk = Desk::new().await;
    desk.set_up("tiendanube", json!({"store_id": "5310042", "api_url": desk.outside.url}), KEY).await;
    let (store, products) = ("GET /2025-03/5310042/store", "GET /2025-03/5310042/products");
    let error = |code: u16| json!({"code": code, "message": "m", "description": KEY});

    for (status, state, words) in [
        (401, "needs_reauth", "revoked"),
        (402, "suspended", "unpaid"),
        (403, "missing_scope", "may not do"),
        (404, "misconfigured", "number of the store"),
        (429, "unavailable", "patience"),
        (400, "misconfigured", "400"),
    ] {
        desk.outside.answers(store, status, error(status));
        desk.expect("tiendanube", state, "store", words).await;
    }
    desk.outside.answers_page(store, 503);
    desk.expect("tiendanube", "unavailable", "store", "503").await;
    desk.outside.answers_page(store, 404);
    desk.expect("tiendanube", "misconfigured", "store", "not the API").await;
    desk.outside.answers(store, 200, json!({"id": 5310042, "main_language": "es", "name": {"es": "Mate y Cuero"}}));
    desk.outside.answers(products, 403, error(403));
    desk.expect("tiendanube", "missing_scope", "permissions", "may not do").await;
    // A store without products answers 404 there.
    desk.outside.answers(products, 404, json!({"code": 404, "description": "Last page is 0"}));
    desk.expect("tiendanube", "working", "permissions", "products").await;
    assert_eq!(desk.outside.headers_of(store, "authentication")[0], format!("bearer {KEY}"));
    assert!(desk.outside.headers_of(store, "user-agent")[0].contains("(https://nexus.example.com)"));
    assert!(desk.outside.headers_of(store, "authorization").is_empty());
}

#[tokio::test]
async fn google_says_with_whom_to_share_the_calendar() {
    let desk = Desk::new().await;
    let account = ServiceAccount::new();
    desk.set_up("google_calendar", json!({}), &account.file).await;
    let kind = "google_calendar";
    let token = "POST /token";
    for (body, status, state, words) in [
        (
            json!({"error": "invalid_grant", "error_description": "Invalid grant: account not found"}),
            400,
            "needs_reauth",
            ACCOUNT,
        ),
        (json!({"error": "invalid_grant", "error_description": "Invalid JWT Signature."}), 400, "needs_reauth", "new key"),
        (
            json!({"error": "invalid_grant", "error_description": "Token must be a short-lived token; check iat"}),
            400,
            "misconfigured",
            "clock",
        ),
        (json!({"error": "unauthorized_client"}), 401, "needs_reauth", ACCOUNT),
    ] {
        desk.outside.answers(token, status, body);
        desk.expect(kind, state, "sign_in", words).await;
    }
    desk.outside.answers_page(token, 502);
    desk.expect(kind, "unavailable", "sign_in", "502").await;

    desk.outside.answers(token, 200, json!({"access_token": "ya29.token", "expires_in": 3599}));
    let asked = desk.outside.asked();
    let claims = account.claims(&asked.iter().find(|asked| asked.line == token).unwrap().body);
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(ACCOUNT), &json!(format!("{}/token", desk.outside.url))));
    let list = "GET /calendar/v3/users/me/calendarList";
    let disabled = json!({"error": {"code": 403, "errors": [{"reason": "accessNotConfigured"}]}});
    desk.outside.answers(list, 403, disabled);
    desk.expect(kind, "misconfigured", "calendar", "not enabled").await;
    desk.outside.answers(list, 200, json!({"items": []}));
    desk.expect(kind, "working", "calendar", ACCOUNT).await;

    let named = json!({"calendar_id": "clinic#1@group.calendar.google.com"});
    let events = "GET /calendar/v3/calendars/clinic%231@group.calendar.google.com/events";
    desk.outside.answers(events, 404, json!({"error": {"code": 404, "errors": [{"reason": "notFound"}]}}));
    desk.expect_with(kind, named.clone(), ("misconfigured", "calendar", ACCOUNT)).await;
    desk.expect_with(kind, named.clone(), ("misconfigured", "calendar", "Make changes to events")).await;
    desk.outside.answers(events, 200, json!({"accessRole": "reader", "items": []}));
    desk.expect_with(kind, named.clone(), ("missing_scope", "calendar", "Make changes to events")).await;
    desk.outside.answers(events, 200, json!({"accessRole": "writer", "items": []}));
    desk.expect_with(kind, named, ("working", "calendar", "can be changed")).await;
}

#[tokio::test]
async fn the_mail_server_speaks_for_itself() {
    let desk = Desk::new().await;
    let server = MailServer::start().await;
    let settings = |port: u16, security: &str| json!({"host": "127.0.0.1", "port": port, "security": security, "user": "clinic@example.com", "from": "clinic@example.com"});
    desk.set_up("smtp", settings(server.port, "none"), "p4ssw0rd-planted").await;
    desk.expect("smtp", "working", "mail_server", "accepts").await;
    server.answers_auth("535 5.7.8 Username and Password not accepted");
    desk.expect("smtp", "needs_reauth", "mail_server", "5.7.8 Username and Password not accepted").await;
    // A server that repeats the password is not quoted.
    server.answers_auth("535 I do not like {}");
    let (state, _, words) = desk.test("smtp", json!({})).await;
    assert_eq!((state.as_str(), words.contains("do not like")), ("needs_reauth", false), "{words}");
    server.answers_auth("454 temporary failure");
    desk.expect("smtp", "unavailable", "mail_server", "454").await;
    server.greets("554 go away");
    desk.expect("smtp", "misconfigured", "mail_server", "go away").await;
    // TLS with a server that speaks in clear.
    desk.set_up("smtp", settings(server.port, "tls"), "p4ssw0rd-planted").await;
    desk.expect("smtp", "misconfigured", "mail_server", "127.0.0.1").await;
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    desk.set_up("smtp", settings(nobody, "none"), "p4ssw0rd-planted").await;
    desk.expect("smtp", "unavailable", "mail_server", "cannot be reached").await;
}

#[tokio::test]
async fn what_was_entered_under_other_rules_is_not_called_under_these() {
    let outside = FakeSystem::start().await;
    let api = Api::new().await;
    let administrator = api.member(api.world.tenant, Role::Administrator).await;
    let settings = json!({"base_url": format!("{}/v1", outside.url)});
    let mut tx = api.world.brain.db.tenant(api.world.tenant).await.unwrap();
    let kind = orchestrator_service::integrations::IntegrationKind::OpenAi;
    orchestrator_service::integrations::save(&mut tx, &api.world.vault, kind, &settings, Some(&KEY.into())).await.unwrap();
    tx.commit().await.unwrap();
    let path = format!("/tenants/{}/integrations/openai/test", api.world.tenant);
    let answer = administrator.post(&path, &json!({})).await.expect(200).json();
    assert_eq!((&answer["steps"][0]["name"], &answer["state"]), (&json!("settings"), &json!("misconfigured")));
    assert!(outside.asked().is_empty());
}
