//! A running Nexus, and the questions the tests ask of it.

use std::time::Duration;

use devstack::{DEFAULT_BUSINESS, SECOND_BUSINESS, Stack, StackBuilder, eventually};
use serde_json::{Value, json};

/// The default tenant's number.
pub const CLINIC: &str = DEFAULT_BUSINESS.phone_number;
/// The second tenant's number, once it is applied.
pub const SHOP: &str = SECOND_BUSINESS.phone_number;
/// A customer.
pub const LUCIA: &str = "+5493815550142";

/// Longer than any recovery takes on a busy machine; nobody waits for it when all goes well.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Leases and retries of seconds instead of minutes; everything else as in production.
pub fn builder(name: &str) -> StackBuilder {
    Stack::builder()
        .name(name)
        .edge_env("WHATSAPP_LEASE_SECONDS", "2")
        .edge_env("WHATSAPP_UNKNOWN_WAIT_SECONDS", "1")
        .brain_env("TURN_LEASE_SECONDS", "3")
        .brain_env("JOB_RETRY_SCALE", "0.01")
}

pub async fn start(builder: StackBuilder) -> Stack {
    let stack = builder.start().await.unwrap();
    // The provider's retries after 0.1 s, 0.3 s, 3 s, …
    stack.sim().configure(&json!({ "retry_scale": 0.01 })).await.unwrap();
    stack
}

/// The n-th of as many customers as a test needs.
pub fn customer(number: usize) -> String {
    format!("+54911{:08}", 40_000_000 + number)
}

/// Lets the model answer these texts, in order.
pub async fn model_says(stack: &Stack, texts: &[&str]) {
    let responses: Vec<Value> = texts.iter().map(|text| json!({ "text": text })).collect();
    stack.sim().script(&json!({ "responses": responses })).await.unwrap();
}

/// What the provider accepted for a customer, in order.
pub async fn sends(stack: &Stack, to: &str) -> Vec<Value> {
    let path = format!("/_sim/ycloud/accepted?to={}", to.replace('+', "%2B"));
    let answer = stack.sim().get(&path).await.unwrap();
    answer["items"].as_array().unwrap().clone()
}

/// The texts the provider accepted for a customer, in order.
pub async fn texts(stack: &Stack, to: &str) -> Vec<String> {
    sends(stack, to).await.iter().map(|send| send["content"]["body"].as_str().unwrap_or_default().to_owned()).collect()
}

/// One number from the database, over all tenants.
pub async fn count(stack: &Stack, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(stack.pool()).await.unwrap()
}

/// Waits until a count is what it should be.
pub async fn count_becomes(stack: &Stack, sql: &'static str, wanted: i64) {
    let what = format!("{sql} = {wanted}");
    eventually(PATIENCE, &what, async || match count(stack, sql).await {
        found if found == wanted => Ok(Some(())),
        found => Err(anyhow::anyhow!("it is {found}")),
    })
    .await
    .unwrap_or_else(|error| panic!("{error}\n{}", logs(stack)));
}

const UNFINISHED: &str = "SELECT (SELECT count(*) FROM webhook_events WHERE state = 'received')
    + (SELECT count(*) FROM turns WHERE state IN ('collecting', 'running'))
    + (SELECT count(*) FROM outbox WHERE settled_at IS NULL)
    + (SELECT count(*) FROM jobs WHERE state IN ('queued', 'running'))";

/// Waits until the provider has delivered everything and nobody has anything left to do.
pub async fn quiet(stack: &Stack) {
    let done = eventually(PATIENCE * 2, "all work to be done", async || {
        let pending = stack.sim().get("/_sim/ycloud/deliveries?limit=1").await?["pending"].as_i64();
        let unfinished: i64 = sqlx::query_scalar(UNFINISHED).fetch_one(stack.pool()).await?;
        match (pending, unfinished) {
            (Some(0), 0) => Ok(Some(())),
            (pending, unfinished) => Err(anyhow::anyhow!("{pending:?} webhooks under way, {unfinished} rows unfinished")),
        }
    });
    done.await.unwrap_or_else(|error| panic!("{error}\n{}", logs(stack)));
}

/// Waits until the model holds an answer back.
pub async fn model_is_asked(stack: &Stack) {
    let asked = eventually(PATIENCE, "the model to be asked", async || {
        let waiting = stack.sim().waiting().await?["waiting"].as_i64();
        anyhow::Ok((waiting == Some(1)).then_some(()))
    });
    asked.await.unwrap_or_else(|error| panic!("{error}\n{}", logs(stack)));
}

/// Every accepted send belongs to an outbox row of its own, and no sent row was never accepted.
pub async fn each_send_was_made_once(stack: &Stack) {
    let accepted = stack.sim().accepted().await.unwrap();
    let mut ids: Vec<&str> =
        accepted["items"].as_array().unwrap().iter().map(|send| send["externalId"].as_str().expect("a send of ours")).collect();
    let total = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), total, "a message was accepted twice");
    assert_eq!(count(stack, "SELECT count(*) FROM outbox WHERE state = 'sent'").await, i64::try_from(total).unwrap());
}

/// The end of both services' logs, for the message of a failed test.
pub fn logs(stack: &Stack) -> String {
    format!("--- edge\n{}\n--- brain\n{}", stack.edge.process().log_tail(25), stack.brain.process().log_tail(25))
}
