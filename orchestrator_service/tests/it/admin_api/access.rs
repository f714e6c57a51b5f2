//! Every route of the document, in every role: what the table says is what happens, and nobody reaches another tenant.

use nexus_core::ids::TenantId;
use orchestrator_service::auth::{Permission, Role};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::support::{Answer, Api, Client};

/// One operation of the document.
struct Operation {
    method: Method,
    path: String,
    access: String,
    name: String,
}

impl Operation {
    fn permission(&self) -> Option<Permission> {
        Permission::ALL.iter().copied().find(|permission| permission.as_str() == self.access)
    }

    /// A body that gets past the fields, where one is needed to reach an object.
    fn body(&self) -> Value {
        match self.name.as_str() {
            "members_change" => json!({"role": "viewer"}),
            "tenants_erase" => json!({"confirm_name": "not its name"}),
            _ => json!({}),
        }
    }

    async fn call(&self, client: &Client, ids: impl Fn(&str) -> String) -> Answer {
        let segments = self.path.split('/').map(|segment| match segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
            Some(name) => ids(name),
            None => segment.to_owned(),
        });
        let path = segments.collect::<Vec<_>>().join("/");
        let body = (self.method != Method::GET).then(|| self.body());
        client.clone().with("if-match", "*").send(self.method.clone(), &path, body.as_ref()).await
    }
}

async fn operations(api: &Api) -> Vec<Operation> {
    let document = api.nobody().get("/openapi.json").await.expect(200).json();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            found.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: path.strip_prefix("/api/v1").unwrap().to_owned(),
                access: operation["x-permission"].as_str().unwrap().to_owned(),
                name: operation["operationId"].as_str().unwrap().to_owned(),
            });
        }
    }
    assert!(found.len() > 30, "the document was not read");
    found
}

#[tokio::test]
async fn each_role_may_do_what_the_table_says_and_nothing_else() {
    let api = Api::new().await;
    let tenant = api.world.tenant;
    // An object nobody has: who may ask is told that it is not there.
    let ids = |name: &str| if name == "tenant_id" { tenant.to_string() } else { Uuid::nil().to_string() };
    let operations = operations(&api).await;
    let guarded = || operations.iter().filter(|operation| operation.access != "open");
    for operation in guarded() {
        let nobody = operation.call(&api.nobody(), ids).await;
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED, "nobody: {}", operation.name);
    }
    for role in Role::ALL {
        let client = api.member(tenant, role).await;
        for operation in guarded() {
            if operation.path == "/events" {
                continue; // A stream does not end; it has a test of its own.
            }
            let may = match operation.access.as_str() {
                "signed_in" => true,
                "superadmin" => false,
                _ => role.allows(operation.permission().unwrap_or_else(|| panic!("{} is not in the table", operation.access))),
            };
            if may && operation.name == "me_password" {
                continue; // It would count as a try.
            }
            let answer = operation.call(&client, ids).await;
            let is_refused = answer.status == StatusCode::FORBIDDEN && answer.code() == "permission_missing";
            assert_eq!(!is_refused, may, "{role:?}: {} {}", operation.name, answer.text);
            assert!(
                answer.status != StatusCode::UNAUTHORIZED && !answer.status.is_server_error(),
                "{}: {}",
                operation.name,
                answer.text
            );
        }
    }
}

#[tokio::test]
async fn a_key_of_a_program_may_do_what_it_names_and_nothing_else() {
    let api = Api::new().await;
    let tenant = api.world.tenant;
    let ids = |name: &str| if name == "tenant_id" { tenant.to_string() } else { Uuid::nil().to_string() };
    let administrator = api.member(tenant, Role::Administrator).await;
    let operations = operations(&api).await;
    for scope in Permission::ALL.iter().filter(|permission| permission.is_for_tokens()) {
        let body = json!({"name": "x", "scopes": [scope]});
        let made = administrator.post(&format!("/tenants/{tenant}/api-tokens"), &body).await.expect(201).json();
        let program = api.bearer(made["token"].as_str().unwrap());
        for operation in operations.iter().filter(|operation| operation.permission().is_some()) {
            let answer = operation.call(&program, ids).await;
            let is_refused = answer.status == StatusCode::FORBIDDEN;
            assert_eq!(!is_refused, operation.permission() == Some(*scope), "{}: {}", scope.as_str(), operation.name);
        }
    }
}

pub(super) const MARKER: &str = "MARKER-OF-THE-OTHER";

/// A tenant that is full of the marker, and the ids of what it has.
pub(super) struct Other {
    pub(super) tenant: TenantId,
    pub(super) administrator: Client,
    pub(super) user: String,
    invitation: String,
    api_token: String,
    conversation: String,
    contact: String,
    message: String,
    event: String,
    channel: String,
}

/// The id of its objects of several kinds.
const OBJECT: &str = "00000000-0000-7000-8000-0000000000b0";

impl Other {
    pub(super) async fn plant(api: &Api) -> Self {
        let (tenant, channel) = api.world.add_tenant("+5493815550200").await;
        let user = api.user(&format!("{MARKER}@example.com")).await;
        api.join(tenant, user, Role::Administrator).await;
        let administrator = api.browser(user).await;
        let path = format!("/tenants/{tenant}");
        administrator.patch(&format!("{path}/settings"), "*", &json!({"name": MARKER})).await.expect(200);
        let invitation = json!({"email": format!("{MARKER}-2@example.com"), "role": "agent"});
        let invitation = administrator.post(&format!("{path}/invitations"), &invitation).await.expect(201).json();
        let token = json!({"name": MARKER, "scopes": ["settings.read"]});
        let token = administrator.post(&format!("{path}/api-tokens"), &token).await.expect(201).json();
        let origin = nexus_core::seam::inbox::Origin::Contact;
        let conversation = api.world.receive_from(tenant, channel, "+5493815550199", origin, MARKER).await;
        sqlx::query("UPDATE contacts SET display_name = $2 WHERE tenant_id = $1")
            .bind(tenant)
            .bind(MARKER)
            .execute(api.world.brain.db.pool())
            .await
            .unwrap();
        sqlx::query(
            "INSERT INTO system_events (tenant_id, id, kind, severity) VALUES ($1, gen_random_uuid(), 'MARKER-OF-THE-OTHER', 'info')",
        )
        .bind(tenant)
        .execute(api.world.brain.db.pool())
        .await
        .unwrap();
        for sql in [
            "INSERT INTO labels (tenant_id, id, name) VALUES ($1, $2::uuid, 'MARKER-OF-THE-OTHER')",
            "INSERT INTO canned_replies (tenant_id, id, shortcut, title, body) VALUES ($1, $2::uuid, 'x', 'x', 'MARKER-OF-THE-OTHER')",
            "INSERT INTO teams (tenant_id, id, name) VALUES ($1, $2::uuid, 'MARKER-OF-THE-OTHER')",
            "INSERT INTO message_templates (tenant_id, id, channel_id, name, language, category, status, components)
             SELECT tenant_id, $2::uuid, id, 'x', 'es', 'utility', 'approved', '[{\"type\": \"BODY\", \"text\": \"MARKER-OF-THE-OTHER\"}]'
             FROM channels WHERE tenant_id = $1",
            "INSERT INTO saved_views (tenant_id, id, user_id, name, filter)
             SELECT tenant_id, $2::uuid, user_id, 'MARKER-OF-THE-OTHER', '{}' FROM memberships WHERE tenant_id = $1",
            "INSERT INTO conversation_notes (tenant_id, id, conversation_id, body)
             SELECT tenant_id, $2::uuid, id, 'MARKER-OF-THE-OTHER' FROM chat_conversations WHERE tenant_id = $1",
            "INSERT INTO note_mentions (tenant_id, user_id, note_id, created_at)
             SELECT tenant_id, user_id, $2::uuid, now() FROM memberships WHERE tenant_id = $1",
            "INSERT INTO jobs (tenant_id, id, kind, payload, state, dedupe_key, last_error)
             VALUES ($1, $2::uuid, 'handoff_mail', '{}', 'dead', 'x', 'MARKER-OF-THE-OTHER')",
        ] {
            sqlx::query(sql).bind(tenant).bind(OBJECT).execute(api.world.brain.db.pool()).await.unwrap();
        }
        let one = async |sql: &'static str| -> String {
            sqlx::query_scalar(sql).bind(tenant).fetch_one(api.world.brain.db.pool()).await.unwrap()
        };
        Self {
            tenant,
            administrator,
            user: user.to_string(),
            invitation: invitation["id"].as_str().unwrap().to_owned(),
            api_token: token["id"].as_str().unwrap().to_owned(),
            conversation: conversation.to_string(),
            contact: one("SELECT id::text FROM contacts WHERE tenant_id = $1").await,
            message: one("SELECT id::text FROM chat_messages WHERE tenant_id = $1").await,
            channel: channel.to_string(),
            event: one(
                "INSERT INTO webhook_events (provider, event_id, channel_id, body, state, reason)
                 SELECT 'ycloud', 'other', id, 'MARKER-OF-THE-OTHER', 'parked', 'x' FROM channels WHERE tenant_id = $1 RETURNING id::text",
            )
            .await,
        }
    }

    pub(super) fn id(&self, name: &str) -> String {
        match name {
            "tenant_id" => self.tenant.to_string(),
            "user_id" => self.user.clone(),
            "invitation_id" => self.invitation.clone(),
            "api_token_id" => self.api_token.clone(),
            "conversation_id" => self.conversation.clone(),
            "contact_id" => self.contact.clone(),
            "message_id" => self.message.clone(),
            "other_id" => self.contact.clone(),
            "canned_reply_id" | "label_id" | "team_id" | "job_id" | "template_id" | "saved_view_id" | "note_id" => {
                OBJECT.to_owned()
            }
            "event_id" => self.event.clone(),
            "channel_id" => self.channel.clone(),
            // Everybody has each kind; that of another tenant is only reached by the tenant's id.
            "kind" => "smtp".to_owned(),
            unknown => panic!("plant an object of the other tenant for {unknown}"),
        }
    }

    /// What its administrator sees of it.
    async fn picture(&self) -> Vec<Value> {
        let mut pictures = Vec::new();
        for what in [
            "settings",
            "invitations",
            "api-tokens",
            "labels",
            "canned-replies",
            "teams",
            "templates",
            "saved-views",
            "channels",
            "integrations",
        ] {
            pictures.push(self.administrator.get(&format!("/tenants/{}/{what}", self.tenant)).await.expect(200).json());
        }
        pictures
    }
}

#[tokio::test]
async fn no_role_reaches_anything_of_another_tenant_by_any_route() {
    let api = Api::new().await;
    let other = Other::plant(&api).await;
    let operations: Vec<Operation> =
        operations(&api).await.into_iter().filter(|operation| operation.path.contains("{tenant_id}")).collect();
    let before = other.picture().await;
    // The control: the same calls by its own administrator find it, and show the marker.
    let mut shown = 0;
    for operation in operations.iter().filter(|operation| operation.method == Method::GET && operation.permission().is_some()) {
        let answer = operation.call(&other.administrator, |name| other.id(name)).await;
        // Nobody's assistant wrote the planted message, so it has no trace.
        let has_answer = answer.status.is_success() || operation.name == "messages_trace";
        assert!(has_answer, "control {}: {}", operation.name, answer.text);
        shown += usize::from(answer.text.contains(MARKER));
    }
    assert!(shown >= 6, "the marker shows in {shown} answers only");

    for role in Role::ALL {
        let client = api.member(api.world.tenant, role).await;
        for operation in &operations {
            // Everything of the other tenant, and its objects as if they were one's own.
            let theirs = operation.call(&client, |name| other.id(name)).await;
            let expected = if operation.access == "superadmin" { StatusCode::FORBIDDEN } else { StatusCode::NOT_FOUND };
            assert_eq!(theirs.status, expected, "{role:?}: {} {}", operation.name, theirs.text);
            assert!(!theirs.text.contains(MARKER), "{role:?}: {} {}", operation.name, theirs.text);
            let own = |name: &str| if name == "tenant_id" { api.world.tenant.to_string() } else { other.id(name) };
            let mixed = operation.call(&client, own).await;
            assert!(!mixed.text.contains(MARKER), "{role:?}: {} {}", operation.name, mixed.text);
            let names_an_object = operation.path.matches("_id}").count() > 1;
            assert!(!names_an_object || !mixed.status.is_success(), "{role:?}: {} {}", operation.name, mixed.text);
        }
    }
    assert_eq!(before, other.picture().await, "somebody changed something");
}

#[tokio::test]
async fn no_answer_shows_a_secret() {
    let api = Api::new().await;
    let other = Other::plant(&api).await;
    api.world
        .run("UPDATE users SET password_hash = '$argon2id$PLANTED', totp_secret = 'PLANTED'::bytea, totp_confirmed_at = now()")
        .await;
    let hashes: Vec<String> = api
        .world
        .all(
            "SELECT encode(token_hash, 'hex') FROM api_tokens UNION ALL SELECT encode(token_hash, 'hex') FROM sessions
              UNION ALL SELECT encode(token_hash, 'hex') FROM invitations",
        )
        .await;
    assert!(hashes.len() >= 3);
    let session = other.administrator.clone();
    for operation in operations(&api).await.iter().filter(|operation| operation.method == Method::GET) {
        for client in [&session, &api.admin_key()] {
            if operation.path == "/events" || operation.path.contains("{session_id}") {
                continue;
            }
            let text = operation.call(client, |name| other.id(name)).await.text;
            for secret in ["argon2", "PLANTED", "token_hash", "totp_secret", "password_hash", "webhook_key", "sealed"] {
                assert!(!text.contains(secret), "{} shows {secret}: {text}", operation.name);
            }
            assert!(!hashes.iter().any(|hash| text.contains(hash)), "{} shows a hash", operation.name);
        }
    }
}

#[tokio::test]
async fn every_permission_of_the_table_opens_some_route() {
    let api = Api::new().await;
    let operations = operations(&api).await;
    for permission in Permission::ALL {
        let is_used = operations.iter().any(|operation| operation.permission() == Some(*permission));
        assert!(is_used, "{} opens nothing", permission.as_str());
    }
}

#[tokio::test]
async fn wrong_addresses_methods_and_bodies_are_problems_with_a_request_id() {
    let api = Api::new().await;
    let client = api.member(api.world.tenant, Role::Administrator).await;
    let settings = format!("/tenants/{}/settings", api.world.tenant);
    let answers = [
        (client.get("/nothing").await, 404, "no_such_route"),
        (client.delete(&settings).await, 405, "method_not_allowed"),
        (client.get("/tenants/not-an-id/settings").await, 404, "not_found"),
        (client.patch(&settings, "*", &json!("text")).await, 422, "invalid"),
        (client.patch(&settings, "*", &json!({"name": null, "x": 1})).await, 422, "invalid"),
    ];
    for (answer, status, code) in answers {
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{}", answer.text);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert_eq!(answer.json()["request_id"], answer.headers["x-correlation-id"].to_str().unwrap());
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
}
