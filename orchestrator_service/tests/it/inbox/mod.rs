//! The inbox half of the admin API over HTTP, against a real Postgres and Redis.

mod contacts;
mod lists;
mod live;
mod repairs;
mod sending;
mod thread;

use nexus_core::ids::ConversationId;
use nexus_core::seam::inbox::Origin;
use orchestrator_service::auth::Role;
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
        let api = Api::new().await;
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
