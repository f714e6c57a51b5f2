//! `orchestrator_service doctor`: looks at everything the installation depends on and says what to do about it.
//!
//! It reads the variables itself, because the configuration of a sick installation cannot be read as a whole; it changes
//! nothing, costs nothing, and shows no secret. To add a check: a kind in `finding`, its words in `words`, and a file
//! here that makes it.

mod clock;
mod edge;
mod finding;
mod model;
mod outside;
mod pooler;
mod postgres;
mod redis;
mod report;
mod settings;
mod within;
mod words;
mod ycloud;

use nexus_core::env::Env;
use nexus_core::http_client;
use reqwest::Client;

pub use finding::{Finding, Kind, State, Words};
pub use report::{Check, Report};
use within::deadline;

/// Looks at everything. `edge` is where the edge answers, if it is known.
pub async fn examine(env: &Env, edge: Option<&str>) -> Result<Report, reqwest::Error> {
    let http = http_client::build(within::STEP, within::STEP)?;
    let edge = edge.map(str::to_owned).or_else(|| env.optional("WHATSAPP_SERVICE_URL"));
    let (stores, edge, model, mail, media) = tokio::join!(
        stores(env, &http),
        one("edge", edge::check(&http, edge.as_deref())),
        one("model", model::check(env, &http)),
        one("mail", outside::mail(env)),
        one("media store", outside::media(env)),
    );
    let mut checks = settings::check(env);
    checks.extend(stores.before_ycloud);
    checks.extend([edge, model]);
    checks.extend(stores.ycloud);
    checks.extend([mail, outside::google(env), media]);
    Ok(Report { checks })
}

async fn one(name: &str, check: impl Future<Output = Check>) -> Check {
    deadline(name, check).await.unwrap_or_else(|late| late)
}

async fn many(name: &str, checks: impl Future<Output = Vec<Check>>) -> Vec<Check> {
    deadline(name, checks).await.unwrap_or_else(|late| vec![late])
}

/// Postgres and Redis, and what needs a connection to them.
struct Stores {
    before_ycloud: Vec<Check>,
    ycloud: Vec<Check>,
}

async fn stores(env: &Env, http: &Client) -> Stores {
    let (postgres, redis) = tokio::join!(deadline("postgres", postgres::examine(env)), deadline("redis", redis::examine(env)));
    let postgres = postgres.unwrap_or_else(|late| postgres::Examined { checks: vec![late], pool: None });
    let mut redis = redis.unwrap_or_else(|late| redis::Examined { checks: vec![late], connection: None });
    let pool = postgres.pool.as_ref();
    let mut before_ycloud = postgres.checks;
    if let Some(pool) = pool {
        before_ycloud.push(one("pooler", pooler::check(env, pool)).await);
    }
    before_ycloud.append(&mut redis.checks);
    let clock = one("clock", clock::check(pool, redis.connection.as_mut()));
    let (clock, ycloud) = tokio::join!(clock, many("ycloud", ycloud::check(env, http, pool)));
    before_ycloud.push(clock);
    Stores { before_ycloud, ycloud }
}
