//! A tenant's transaction reaches that tenant's rows in every table, and no others.

use nexus_core::ids::TenantId;
use nexus_core::tenancy::{Db, TenantTx};
use orchestrator_service::turns::take_turn;
use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::support::World;
use crate::support::world::CUSTOMER;

/// Every table with tenant data and the column that says whose: found in the catalogue, so a new table is tested too.
async fn tenant_tables(world: &World) -> Vec<(String, &'static str)> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'tenant_id' AND NOT a.attisdropped
         ORDER BY 1",
    )
    .fetch_all(world.brain.db.pool())
    .await
    .unwrap();
    let mut tables: Vec<(String, &'static str)> = tables.into_iter().map(|table| (table, "tenant_id")).collect();
    tables.push(("tenants".to_owned(), "id"));
    assert!(tables.len() > 15, "the catalogue was not read: {tables:?}");
    tables
}

/// Gives a tenant a row in every table.
async fn fill(world: &World, tenant: TenantId, channel: nexus_core::ids::ChannelId) {
    use nexus_core::seam::inbox::Origin;
    let conversation = world.receive_from(tenant, channel, CUSTOMER, Origin::Contact, "hola").await;
    world.model.calls("c", "request_handoff", &json!({"reason": "x"}));
    world.model.says("listo");
    let turn = world.claim_one().await;
    take_turn(&world.brain, &turn).await.unwrap();
    for sql in [
        "INSERT INTO chat_requests (tenant_id, provider, event_id, state, leased_until, lease_token)
         VALUES ($1, 'ycloud', 'e', 'running', now(), gen_random_uuid())",
        "INSERT INTO contact_merge_suggestions (tenant_id, contact_id, other_id, reason)
         VALUES ($1, gen_random_uuid(), gen_random_uuid(), 'x')",
        "INSERT INTO message_status_observations (tenant_id, id, message_id, status, occurred_at)
         SELECT tenant_id, gen_random_uuid(), id, 'sent', now() FROM chat_messages WHERE tenant_id = $1 LIMIT 1",
        "INSERT INTO labels (tenant_id, id, name) VALUES ($1, gen_random_uuid(), 'x')",
        "INSERT INTO canned_replies (tenant_id, id, shortcut, title, body) VALUES ($1, gen_random_uuid(), 'x', 'x', 'x')",
        "INSERT INTO teams (tenant_id, id, name) VALUES ($1, gen_random_uuid(), 'x')",
        "INSERT INTO team_members (tenant_id, team_id, user_id) SELECT tenant_id, id, gen_random_uuid() FROM teams WHERE tenant_id = $1",
        "INSERT INTO conversation_notes (tenant_id, id, conversation_id, body)
         SELECT tenant_id, gen_random_uuid(), id, 'x' FROM chat_conversations WHERE tenant_id = $1",
        "WITH person AS (INSERT INTO users (id, email) VALUES (gen_random_uuid(), gen_random_uuid() || '@example.com') RETURNING id)
         INSERT INTO memberships (tenant_id, user_id, role) SELECT $1, id, 'agent' FROM person",
        "INSERT INTO api_tokens (tenant_id, id, name, token_hash, scopes)
         VALUES ($1, gen_random_uuid(), 'x', gen_random_uuid()::text::bytea, '{settings.read}')",
        "INSERT INTO invitations (tenant_id, id, email, role, token_hash, expires_at)
         VALUES ($1, gen_random_uuid(), 'a@example.com', 'agent', gen_random_uuid()::text::bytea, now())",
        "INSERT INTO audit_log (tenant_id, id, actor_kind, action, object_kind) VALUES ($1, gen_random_uuid(), 'system', 'x', 'x')",
        "INSERT INTO agent_settings (tenant_id, user_id) SELECT tenant_id, user_id FROM memberships WHERE tenant_id = $1",
        "INSERT INTO inbox_policies (tenant_id) VALUES ($1)",
        "INSERT INTO conversation_drafts (tenant_id, user_id, conversation_id, mode, body)
         SELECT m.tenant_id, m.user_id, c.id, 'note', 'x' FROM memberships m JOIN chat_conversations c USING (tenant_id)
         WHERE m.tenant_id = $1",
        "INSERT INTO saved_views (tenant_id, id, user_id, name, filter)
         SELECT tenant_id, gen_random_uuid(), user_id, 'x', '{}' FROM memberships WHERE tenant_id = $1",
        "INSERT INTO note_mentions (tenant_id, user_id, note_id, created_at)
         SELECT tenant_id, gen_random_uuid(), id, now() FROM conversation_notes WHERE tenant_id = $1",
        "INSERT INTO service_level_alerts (tenant_id, conversation_id, case_started_at, target, stage, due_at)
         SELECT tenant_id, id, now(), 'resolution', 'breach', now() FROM chat_conversations WHERE tenant_id = $1",
        "INSERT INTO satisfaction_surveys (tenant_id, id, conversation_id, resolved_at, state, expires_at)
         SELECT tenant_id, gen_random_uuid(), id, now(), 'asked', now() FROM chat_conversations WHERE tenant_id = $1",
        "INSERT INTO message_templates (tenant_id, id, channel_id, name, language, category, components)
         SELECT tenant_id, gen_random_uuid(), id, 'x', 'es', 'utility', '[]' FROM channels WHERE tenant_id = $1",
        "INSERT INTO integrations (tenant_id, kind) VALUES ($1, 'smtp')",
        "INSERT INTO idempotency_keys (tenant_id, key, route, request_hash) VALUES ($1, 'k', 'POST /x', '')",
    ] {
        sqlx::query(sql).bind(tenant).execute(world.brain.db.pool()).await.unwrap();
    }
    assert_eq!(turn.conversation, conversation);
}

async fn count(tx: &mut TenantTx, table: &str, column: &str, owner: TenantId) -> i64 {
    let sql = format!("SELECT count(*) FROM {table} WHERE {column} = $1");
    sqlx::query_scalar(AssertSqlSafe(sql)).bind(owner).fetch_one(&mut **tx).await.unwrap()
}

async fn begin(db: &Db, tenant: TenantId) -> TenantTx {
    db.tenant(tenant).await.unwrap()
}

#[tokio::test]
async fn no_tenant_reads_or_writes_anothers_rows_in_any_table() {
    let world = World::new().await;
    let (other, other_channel) = world.add_tenant("+5493815550200").await;
    fill(&world, world.tenant, world.channel).await;
    fill(&world, other, other_channel).await;
    let db = &world.brain.db;
    for (table, column) in tenant_tables(&world).await {
        // The control: there is something to see, and a superuser who does not step down sees it.
        let all: i64 = sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM {table} WHERE {column} = $1")))
            .bind(other)
            .fetch_one(db.pool())
            .await
            .unwrap();
        assert!(all > 0, "{table} has no row to hide; fill it in this test");
        assert_eq!(count(&mut begin(db, other).await, &table, column, other).await, all, "{table}: its own rows");
        assert_eq!(count(&mut begin(db, world.tenant).await, &table, column, other).await, 0, "{table}: read");

        let mut tx = begin(db, world.tenant).await;
        let deleted =
            sqlx::query(AssertSqlSafe(format!("DELETE FROM {table} WHERE {column} = $1"))).bind(other).execute(&mut *tx).await;
        assert_eq!(deleted.unwrap().rows_affected(), 0, "{table}: delete");
        let mut tx = begin(db, world.tenant).await;
        let touched = format!("UPDATE {table} SET {column} = {column} WHERE {column} = $1");
        assert_eq!(
            sqlx::query(AssertSqlSafe(touched)).bind(other).execute(&mut *tx).await.unwrap().rows_affected(),
            0,
            "{table}: update"
        );
        let mut tx = begin(db, world.tenant).await;
        let given_away = format!("UPDATE {table} SET {column} = $1 WHERE {column} = $2");
        let error = sqlx::query(AssertSqlSafe(given_away)).bind(other).bind(world.tenant).execute(&mut *tx).await.unwrap_err();
        assert_eq!(error.as_database_error().unwrap().code().unwrap(), "42501", "{table}: giving a row away: {error}");
    }
}

#[tokio::test]
async fn a_tenants_transaction_cannot_make_itself_the_systems() {
    let world = World::new().await;
    let (other, _) = world.add_tenant("+5493815550200").await;
    let mut tx = begin(&world.brain.db, world.tenant).await;
    sqlx::raw_sql("SET LOCAL nexus.scope = 'system'").execute(&mut *tx).await.unwrap();
    assert_eq!(count(&mut tx, "tenants", "id", other).await, 0);
    assert!(sqlx::query("SELECT count(*) FROM webhook_events").execute(&mut *tx).await.is_err());
}
