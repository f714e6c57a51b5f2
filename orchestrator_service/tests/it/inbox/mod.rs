//! The inbox half of the admin API over HTTP, against a real Postgres and Redis.

mod assignment;
mod bulk;
mod contacts;
mod desk;
mod lists;
mod live;
mod repairs;
mod satisfaction;
mod sending;
mod service_levels;
mod templates;
mod thread;

use nexus_core::ids::ConversationId;
use nexus_core::seam::control::{TakeoverCause, take_over};
use nexus_core::seam::inbox::Origin;
use orchestrator_service::auth::Role;
use orchestrator_service::inbox::attention::look_once;
use serde_json::{Value, json};

use crate::admin_api::support::{Api, Client};

/// A served API, an agent of the tenant, and the path of the tenant.
struct Desk {
    api: Api,
    agent: Client,
    admin: Client,
    path: String,
}

impl Desk {
    async fn open() -> Self {
        Self::of_api(Api::new().await).await
    }

    /// A desk of an API that is served already.
    async fn of_api(api: Api) -> Self {
        let agent = api.member(api.world.tenant, Role::Agent).await;
        let admin = api.member(api.world.tenant, Role::Administrator).await;
        let path = format!("/tenants/{}", api.world.tenant);
        Self { api, agent, admin, path }
    }

    /// Somebody writes.
    async fn receive_from(&self, who: &str, text: &str) -> ConversationId {
        let world = &self.api.world;
        world.receive_from(world.tenant, world.channel, who, Origin::Contact, text).await
    }

    /// The clock of the inbox looks until nothing is due.
    async fn look(&self) {
        while look_once(&self.api.world.brain).await.unwrap() > 0 {}
    }

    /// Sets the rules of the business.
    async fn rule(&self, policy: Value) {
        let admin = self.admin.clone().with("if-match", "*");
        admin.put(&format!("{}/inbox-policy", self.path), &policy).await.expect(200);
    }

    /// A conversation that needs a person and is nobody's.
    async fn handed_over(&self, who: &str) -> ConversationId {
        let conversation = self.receive_from(who, "quiero hablar con alguien").await;
        let mut tx = self.api.world.brain.db.tenant(self.api.world.tenant).await.unwrap();
        take_over(&mut tx, &[(self.api.world.tenant, conversation)], TakeoverCause::Handoff).await.unwrap();
        tx.commit().await.unwrap();
        conversation
    }

    /// An agent who says that they are available: their id, and their browser.
    async fn available(&self) -> (String, Client) {
        let agent = self.api.member(self.api.world.tenant, Role::Agent).await;
        let body = json!({ "availability": "available" });
        let me = agent.put(&format!("{}/my-availability", self.path), &body).await.expect(200).json();
        (me["user_id"].as_str().unwrap().to_owned(), agent)
    }

    /// The conversation as the agent sees it.
    async fn view(&self, conversation: ConversationId) -> Value {
        self.agent.get(&self.of(conversation, "")).await.expect(200).json()
    }

    /// What stands in its thread beside the messages, oldest first.
    async fn events(&self, conversation: ConversationId) -> Vec<(String, String)> {
        let page = self.agent.get(&self.of(conversation, "/events")).await.expect(200).json();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let items = page["items"].as_array().unwrap().iter().rev();
        items.map(|event| (text(&event["kind"]), text(&event["cause"]))).collect()
    }

    /// A path below the conversation.
    fn of(&self, conversation: ConversationId, rest: &str) -> String {
        format!("{}/conversations/{conversation}{rest}", self.path)
    }

    async fn send(&self, conversation: ConversationId, key: &str, text: &str) -> Value {
        let agent = self.agent.clone().with("idempotency-key", key);
        agent.post(&self.of(conversation, "/messages"), &json!({ "text": text })).await.expect(201).json()
    }

    /// The ids of a list, all pages.
    async fn ids(&self, query: &str, limit: usize) -> Vec<String> {
        let (mut ids, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("{}/conversations?limit={limit}&{query}{cursor}", self.path);
            let page = self.agent.get(&path).await.expect(200).json();
            ids.extend(page["items"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return ids,
            }
        }
    }
}
