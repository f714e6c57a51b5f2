//! Writes down who changed what, in the transaction that changes it. Never put a secret into before or after.

use nexus_core::ids::TenantId;
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::auth::Caller;

/// One change.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// What was done, e.g. `settings.changed`.
    pub action: &'a str,
    /// To what kind of object.
    pub object_kind: &'a str,
    /// To which one.
    pub object_id: Option<Uuid>,
}

/// Records a change; `tenant` is `None` for what concerns the installation.
pub async fn record(
    conn: &mut PgConnection,
    tenant: Option<TenantId>,
    caller: &Caller,
    change: Change<'_>,
    (before, after): (Option<&impl Serialize>, Option<&impl Serialize>),
) -> Result<(), sqlx::Error> {
    let actor = match caller {
        Caller::User(signed_in) => ("user", Some(signed_in.user.0)),
        Caller::Token { id, .. } => ("api_token", Some(id.0)),
        Caller::AdminKey => ("admin_key", None),
    };
    write(conn, tenant, actor, change, (as_json(before), as_json(after))).await
}

/// Records what the service does of itself, because somebody has ordered it earlier.
pub async fn record_of_system(conn: &mut PgConnection, tenant: Option<TenantId>, change: Change<'_>) -> Result<(), sqlx::Error> {
    write(conn, tenant, ("system", None), change, (None, None)).await
}

async fn write(
    conn: &mut PgConnection,
    tenant: Option<TenantId>,
    (actor_kind, actor_id): (&str, Option<Uuid>),
    change: Change<'_>,
    (before, after): (Option<Value>, Option<Value>),
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO audit_log (tenant_id, id, actor_kind, actor_id, action, object_kind, object_id, before, after)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(tenant.map_or(Uuid::nil(), |tenant| tenant.0))
    .bind(Uuid::now_v7())
    .bind(actor_kind)
    .bind(actor_id)
    .bind(change.action)
    .bind(change.object_kind)
    .bind(change.object_id)
    .bind(before)
    .bind(after)
    .execute(conn)
    .await
    .map(drop)
}

/// For a side of a change that has nothing to show.
pub const NOTHING: Option<&()> = None;

fn as_json(value: Option<&impl Serialize>) -> Option<Value> {
    value.and_then(|value| serde_json::to_value(value).ok())
}
