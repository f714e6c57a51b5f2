//! A served admin API, and clients in every role.

use std::net::SocketAddr;

use nexus_core::ids::TenantId;
use nexus_core::readiness::{Readiness, Watched};
use nexus_core::telemetry;
use orchestrator_service::auth::{Role, UserId, session};
use orchestrator_service::routes::{AppState, routes};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::support::World;

pub const ADMIN_TOKEN: &str = "admin-token-of-the-tests";

pub struct Api {
    pub world: World,
    pub base: String,
    _stop: DropGuard,
}

/// Somebody who calls the API.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    headers: Vec<(&'static str, String)>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {} {}", self.status, self.text))
    }

    /// The problem code.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    pub fn etag(&self) -> String {
        self.headers["etag"].to_str().unwrap().to_owned()
    }

    /// Fails the test unless the status is this.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// The value of the session cookie that the answer sets.
    pub fn session_cookie(&self) -> Option<String> {
        let cookies = self.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        cookies
            .filter_map(|cookie| cookie.strip_prefix("nexus_session="))
            .map(|rest| rest.split(';').next().unwrap().to_owned())
            .next()
    }
}

impl Api {
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// An API whose environment has more in it.
    pub async fn with(more: &[(&str, &str)]) -> Self {
        Self::serve(World::with(more).await).await
    }

    /// An API in front of a world.
    pub async fn serve(world: World) -> Self {
        let stop = CancellationToken::new();
        let state = AppState::new(&world.config).unwrap();
        state.open(world.brain.clone());
        let is_prepared = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
        let watched = Watched { pool: world.brain.db.pool().clone(), neighbour: None, is_prepared };
        let readiness = Readiness::watch(watched, stop.clone());
        let app = routes(&world.config, state, readiness, telemetry::start_metrics().unwrap());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/api/v1", listener.local_addr().unwrap());
        let service = app.into_make_service_with_connect_info::<SocketAddr>();
        let server = axum::serve(listener, service).with_graceful_shutdown(stop.clone().cancelled_owned());
        tokio::spawn(async move { server.await.unwrap() });
        Self { world, base, _stop: stop.drop_guard() }
    }

    /// Somebody who has not signed in.
    pub fn nobody(&self) -> Client {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Client { http, base: self.base.clone(), headers: vec![("x-requested-with", "nexus".to_owned())] }
    }

    /// The operator's script.
    pub fn admin_key(&self) -> Client {
        self.bearer(ADMIN_TOKEN)
    }

    pub fn bearer(&self, token: &str) -> Client {
        self.nobody().without("x-requested-with").with("authorization", &format!("Bearer {token}"))
    }

    /// A user with this e-mail and no password.
    pub async fn user(&self, email: &str) -> UserId {
        let user = UserId::new();
        sqlx::query("INSERT INTO users (id, email, display_name) VALUES ($1, $2, 'Test')")
            .bind(user)
            .bind(email)
            .execute(self.world.brain.db.pool())
            .await
            .unwrap();
        user
    }

    pub async fn join(&self, tenant: TenantId, user: UserId, role: Role) {
        let mut tx = self.world.brain.db.tenant(tenant).await.unwrap();
        sqlx::query("INSERT INTO memberships (tenant_id, user_id, role) VALUES ($1, $2, $3)")
            .bind(tenant)
            .bind(user)
            .bind(role)
            .execute(&mut *tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// A signed-in browser of this user.
    pub async fn browser(&self, user: UserId) -> Client {
        let mut conn = self.world.brain.db.pool().acquire().await.unwrap();
        let (_, token) = session::open(&mut conn, user, "Test", "127.0.0.1").await.unwrap();
        self.nobody().with("cookie", &format!("nexus_session={}", token.expose_secret()))
    }

    /// A new member of the tenant, signed in.
    pub async fn member(&self, tenant: TenantId, role: Role) -> Client {
        let user = self.user(&format!("{}@example.com", UserId::new())).await;
        self.join(tenant, user, role).await;
        self.browser(user).await
    }
}

impl Client {
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    /// The token of its session.
    pub fn cookie(&self) -> String {
        let cookie = self.headers.iter().find(|(name, _)| *name == "cookie").map(|(_, value)| value.as_str());
        cookie.and_then(|cookie| cookie.strip_prefix("nexus_session=")).unwrap_or_default().to_owned()
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        Answer { status: answer.status(), headers: answer.headers().clone(), text: answer.text().await.unwrap() }
    }

    /// An answer that does not end.
    pub async fn stream(&self, path: &str, last_event_id: Option<&str>) -> reqwest::Response {
        let mut request = self.http.get(format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        request.send().await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, etag: &str, body: &Value) -> Answer {
        self.clone().with("if-match", etag).send(Method::PATCH, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }
}
