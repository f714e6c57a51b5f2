//! The writes of the inbox with bodies that are valid and full of another tenant's ids: made from the document, so that
//! a new route or field is tried too. What counts is the database afterwards: nothing of the other tenant has changed,
//! and nothing of one's own names anything of it.

use nexus_core::ids::TenantId;
use orchestrator_service::auth::Role;
use reqwest::Method;
use serde_json::{Map, Value, json};
use sqlx::{AssertSqlSafe, PgPool};

use super::access::{MARKER, Other};
use super::support::Api;
use crate::support::world::CUSTOMER;

/// The parts of the API that are the inbox.
const TAGS: [&str; 10] = [
    "conversations",
    "messages",
    "contacts",
    "labels",
    "teams",
    "canned-replies",
    "saved-views",
    "templates",
    "agents",
    "inbox-policy",
];

struct Write {
    name: String,
    method: Method,
    path: String,
    schema: Option<Value>,
}

fn writes(document: &Value) -> Vec<Write> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let is_inbox = operation["tags"][0].as_str().is_some_and(|tag| TAGS.contains(&tag));
            if method == "get" || !is_inbox {
                continue;
            }
            found.push(Write {
                name: operation["operationId"].as_str().unwrap().to_owned(),
                method: method.to_uppercase().parse().unwrap(),
                path: path.strip_prefix("/api/v1").unwrap().to_owned(),
                schema: operation.pointer("/requestBody/content/application~1json/schema").cloned(),
            });
        }
    }
    assert!(found.len() > 25, "the document was not read");
    found
}

/// A value that the schema takes; `id` gives what stands for an id, by the name of its field.
fn example(document: &Value, schema: &Value, field: &str, id: &impl Fn(&str) -> String) -> Value {
    if let Some(target) = schema["$ref"].as_str() {
        return example(document, document.pointer(target.trim_start_matches('#')).unwrap(), field, id);
    }
    if let Some(values) = schema["enum"].as_array() {
        return values[0].clone();
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(variant) = schema[key].as_array().and_then(|all| all.iter().find(|one| one["type"] != "null")) {
            return example(document, variant, field, id);
        }
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let parts = parts.iter().map(|part| example(document, part, field, id));
        return parts.filter_map(|part| part.as_object().cloned()).flatten().collect::<Map<_, _>>().into();
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().find(|kind| *kind != "null").and_then(Value::as_str).unwrap_or("null"),
        kind => kind.as_str().unwrap_or("object"),
    };
    match kind {
        "object" => {
            let properties = schema["properties"].as_object().into_iter().flatten();
            properties.map(|(name, property)| (name.clone(), example(document, property, name, id))).collect::<Map<_, _>>().into()
        }
        "array" if field == "components" => json!([{ "type": "BODY", "text": "Hola." }]),
        "array" if field == "labels" || field == "add" || field == "remove" => json!([MARKER]),
        "array" if matches!(field, "header" | "body" | "buttons") => json!([]),
        "array" => json!([example(document, &schema["items"], field, id)]),
        "integer" | "number" => schema["minimum"].as_i64().map_or(json!(1), |least| json!(least.max(1))),
        "boolean" => json!(false),
        _ => text(schema, field, id),
    }
}

fn text(schema: &Value, field: &str, id: &impl Fn(&str) -> String) -> Value {
    match (schema["format"].as_str(), field) {
        (Some("uuid"), _) => json!(id(field)),
        (Some("date-time"), _) => json!(chrono::Utc::now() + chrono::TimeDelta::hours(1)),
        (_, "language") => json!("es"),
        (_, "color") => json!("gray"),
        (_, "label") => json!(MARKER),
        _ => json!(format!("x{}", uuid::Uuid::now_v7().simple())),
    }
}

/// The tables with tenant data, except where it is written down what was tried.
async fn tables(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'tenant_id' AND NOT a.attisdropped
           AND c.relname NOT IN ('audit_log', 'idempotency_keys')
         ORDER BY 1",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

/// Everything a tenant has, in one line for each table.
async fn picture(pool: &PgPool, tenant: TenantId) -> Vec<(String, Option<String>)> {
    let mut picture = Vec::new();
    for table in tables(pool).await {
        let sql = format!("SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t WHERE tenant_id = $1");
        let rows = sqlx::query_scalar(AssertSqlSafe(sql)).bind(tenant).fetch_one(pool).await.unwrap();
        picture.push((table, rows));
    }
    picture
}

/// The tables in which a tenant has a row that names something of the other.
async fn strangers(pool: &PgPool, tenant: TenantId, foreign: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for table in tables(pool).await {
        let sql = format!("SELECT EXISTS (SELECT FROM {table} t WHERE tenant_id = $1 AND t::text LIKE ANY ($2))");
        let patterns: Vec<String> = foreign.iter().map(|id| format!("%{id}%")).collect();
        if sqlx::query_scalar::<_, bool>(AssertSqlSafe(sql)).bind(tenant).bind(patterns).fetch_one(pool).await.unwrap() {
            found.push(table);
        }
    }
    found
}

const IDS: [&str; 7] = ["user_id", "team_id", "template_id", "conversation_id", "contact_id", "channel_id", "message_id"];

#[tokio::test]
async fn no_valid_body_reaches_or_names_anything_of_another_tenant() {
    let api = Api::new().await;
    let other = Other::plant(&api).await;
    let (pool, mine) = (api.world.brain.db.pool(), api.world.tenant);
    let conversation = api.world.receive("hola").await;
    let document = api.nobody().get("/openapi.json").await.expect(200).json();
    let foreign: Vec<String> = IDS.iter().map(|name| other.id(name)).collect();
    let id_in_body = |field: &str| match field {
        "member_ids" | "mentions" | "user_id" | "assigned_user_id" => other.user.clone(),
        "ids" | "conversation_id" => other.id("conversation_id"),
        field if IDS.contains(&field) => other.id(field),
        _ => other.id("team_id"),
    };
    let before = picture(pool, other.tenant).await;
    let (mut tried, mut refused_for_the_id) = (0, 0);
    for role in [Role::Administrator, Role::Agent] {
        let client = api.member(mine, role).await.with("if-match", "*");
        for write in writes(&document) {
            let body = write.schema.as_ref().map(|schema| example(&document, schema, "", &id_in_body));
            // One's own conversation with foreign ids in the body, and everything foreign in the address too.
            for own in [conversation.to_string(), other.id("conversation_id")] {
                let path = write.path.split('/').map(|segment| match segment.trim_matches(['{', '}']) {
                    name if name == segment => name.to_owned(),
                    "tenant_id" => mine.to_string(),
                    "conversation_id" => own.clone(),
                    "kind" => "smtp".to_owned(),
                    name => other.id(name),
                });
                let path = path.collect::<Vec<_>>().join("/");
                let keyed = client.clone().with("idempotency-key", &uuid::Uuid::now_v7().to_string());
                let answer = keyed.send(write.method.clone(), &path, body.as_ref()).await;
                assert!(!answer.status.is_server_error(), "{}: {}", write.name, answer.text);
                let code = if answer.text.is_empty() {
                    String::new()
                } else {
                    answer.json()["code"].as_str().unwrap_or_default().to_owned()
                };
                assert!(!answer.text.contains("must be there"), "{} was not reached: {}", write.name, answer.text);
                tried += 1;
                refused_for_the_id += usize::from(code == "not_found" || code == "invalid");
            }
        }
    }
    assert!(tried > 100 && refused_for_the_id > 40, "{tried} tried, {refused_for_the_id} refused");
    assert_eq!(before, picture(pool, other.tenant).await, "something of the other tenant has changed");
    let found = strangers(pool, mine, &foreign).await;
    assert_eq!(found, Vec::<String>::new(), "something of one's own names the other tenant's");
}

#[tokio::test]
async fn the_bodies_are_valid_and_a_leak_would_be_seen() {
    let api = Api::new().await;
    let other = Other::plant(&api).await;
    let (pool, mine) = (api.world.brain.db.pool(), api.world.tenant);
    api.world.receive_from(mine, api.world.channel, CUSTOMER, nexus_core::seam::inbox::Origin::Contact, "hola").await;
    let document = api.nobody().get("/openapi.json").await.expect(200).json();
    // The same bodies work for whoever the ids belong to, so it is the tenant that refuses them elsewhere.
    let assign = writes(&document).into_iter().find(|write| write.name == "conversations_assign").unwrap();
    let body = example(&document, &assign.schema.unwrap(), "", &|field| other.id(field));
    let path = format!("/tenants/{}/conversations/{}/assignment", other.tenant, other.id("conversation_id"));
    other.administrator.put(&path, &body).await.expect(200);

    // The control: one forgotten condition, with row-level security and without.
    let before = picture(pool, other.tenant).await;
    let leak = async || {
        let mut tx = api.world.brain.db.tenant(mine).await.unwrap();
        sqlx::query("UPDATE chat_conversations SET labels = '{leaked}'").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    };
    leak().await;
    assert_eq!(before, picture(pool, other.tenant).await, "row-level security holds");
    api.world.run("ALTER TABLE chat_conversations DISABLE ROW LEVEL SECURITY").await;
    leak().await;
    assert_ne!(before, picture(pool, other.tenant).await, "without it the leak is seen");
    sqlx::query("UPDATE chat_conversations SET team_id = $2::uuid WHERE tenant_id = $1")
        .bind(mine)
        .bind(other.id("team_id"))
        .execute(pool)
        .await
        .unwrap();
    let foreign = [other.id("team_id")];
    assert!(strangers(pool, mine, &foreign).await.contains(&"chat_conversations".to_owned()), "a foreign id is seen");
}
