//! Publishes the assistant of a tenant file: a version that differs from the published one is added, never changed.

use nexus_core::tenancy::TenantTx;
use uuid::Uuid;

use super::file::AssistantSpec;

#[derive(sqlx::FromRow)]
struct Published {
    assistant_id: Uuid,
    number: Option<i32>,
    persona: Option<String>,
    instructions: Option<String>,
    facts: Option<String>,
    model: Option<String>,
    tools: Option<Vec<String>>,
}

impl Published {
    fn is_like(&self, spec: &AssistantSpec) -> bool {
        self.persona.as_ref() == Some(&spec.persona)
            && self.instructions.as_ref() == Some(&spec.instructions)
            && self.facts.as_ref() == Some(&spec.facts)
            && self.model == spec.model
            && self.tools.as_ref() == Some(&spec.tools)
    }
}

/// Finds or makes the assistant by its name and publishes what the file says. Answers its id and version.
pub(super) async fn publish(tx: &mut TenantTx, spec: &AssistantSpec) -> Result<(Uuid, i32), sqlx::Error> {
    let published = published(tx, &spec.name).await?;
    if let Some((published, number)) = published.as_ref().and_then(|published| Some((published, published.number?)))
        && published.is_like(spec)
    {
        return Ok((published.assistant_id, number));
    }
    let assistant = match published {
        Some(published) => published.assistant_id,
        None => insert_assistant(tx, &spec.name).await?,
    };
    let number = insert_version(tx, assistant, spec).await?;
    Ok((assistant, number))
}

async fn published(tx: &mut TenantTx, name: &str) -> Result<Option<Published>, sqlx::Error> {
    let tenant = tx.tenant();
    sqlx::query_as(
        "SELECT a.id AS assistant_id, v.number, v.persona, v.instructions, v.facts, v.model, v.tools
         FROM assistants a
         LEFT JOIN assistant_versions v ON v.tenant_id = a.tenant_id AND v.id = a.published_version_id
         WHERE a.tenant_id = $1 AND a.name = $2 ORDER BY a.id LIMIT 1 FOR UPDATE OF a",
    )
    .bind(tenant)
    .bind(name)
    .fetch_optional(&mut **tx)
    .await
}

async fn insert_assistant(tx: &mut TenantTx, name: &str) -> Result<Uuid, sqlx::Error> {
    let tenant = tx.tenant();
    sqlx::query_scalar("INSERT INTO assistants (tenant_id, id, name) VALUES ($1, $2, $3) RETURNING id")
        .bind(tenant)
        .bind(Uuid::now_v7())
        .bind(name)
        .fetch_one(&mut **tx)
        .await
}

async fn insert_version(tx: &mut TenantTx, assistant: Uuid, spec: &AssistantSpec) -> Result<i32, sqlx::Error> {
    let tenant = tx.tenant();
    sqlx::query_scalar(
        "WITH added AS (
             INSERT INTO assistant_versions (tenant_id, id, assistant_id, number, persona, instructions, facts, model, tools)
             SELECT $1, $2, $3, coalesce(max(number), 0) + 1, $4, $5, $6, $7, $8
             FROM assistant_versions WHERE tenant_id = $1 AND assistant_id = $3
             RETURNING id, number
         ), moved AS (
             UPDATE assistants SET published_version_id = added.id FROM added WHERE tenant_id = $1 AND assistants.id = $3
         )
         SELECT number FROM added",
    )
    .bind(tenant)
    .bind(Uuid::now_v7())
    .bind(assistant)
    .bind(&spec.persona)
    .bind(&spec.instructions)
    .bind(&spec.facts)
    .bind(&spec.model)
    .bind(&spec.tools)
    .fetch_one(&mut **tx)
    .await
}
