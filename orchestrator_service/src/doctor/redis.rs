//! Redis: reachable, new enough, and keeping what is put into it until it expires.

use std::collections::HashMap;

use nexus_core::env::Env;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, ErrorKind, RedisError};
use secrecy::ExposeSecret as _;

use super::finding::{Finding, Kind};
use super::report::Check;
use super::within;

const NAME: &str = "redis";
/// The first in which a range of a stream may begin after an entry.
const OLDEST: (u32, u32) = (6, 2);

/// What was found, and the connection if there is one.
pub(super) struct Examined {
    pub(super) checks: Vec<Check>,
    pub(super) connection: Option<MultiplexedConnection>,
}

/// Connects, and reads what Redis says of itself.
pub(super) async fn examine(env: &Env) -> Examined {
    let alone = |finding| Examined { checks: vec![Check::found(NAME, finding)], connection: None };
    let Some(url) = env.optional_secret("REDIS_URL") else {
        return alone(Finding::about(Kind::NotReached, ["REDIS_URL is not set"]));
    };
    let Ok(client) = redis::Client::open(url.expose_secret()) else { return alone(Finding::plain(Kind::RedisUrl)) };
    let address = client.get_connection_info().addr().to_string();
    let config = AsyncConnectionConfig::new().set_connection_timeout(Some(within::STEP)).set_response_timeout(Some(within::STEP));
    let mut connection = match client.get_multiplexed_async_connection_with_config(&config).await {
        Ok(connection) => connection,
        Err(error) => return alone(refusal(&error, &address)),
    };
    let told: Result<String, RedisError> = redis::cmd("INFO").query_async(&mut connection).await;
    match told {
        Ok(told) => Examined { checks: judge(&told), connection: Some(connection) },
        Err(error) => alone(refusal(&error, &address)),
    }
}

fn refusal(error: &RedisError, address: &str) -> Finding {
    let is_login =
        error.kind() == ErrorKind::AuthenticationFailed || matches!(error.code(), Some("NOAUTH" | "WRONGPASS" | "NOPERM"));
    if is_login { Finding::plain(Kind::RedisRefusesLogin) } else { Finding::about(Kind::RedisUnreachable, [address]) }
}

/// Reads the answer to `INFO`.
fn judge(told: &str) -> Vec<Check> {
    let facts: HashMap<&str, &str> = told.lines().filter_map(|line| line.trim_end().split_once(':')).collect();
    let fact = |name: &str| facts.get(name).copied().unwrap_or_default();
    let version = fact("redis_version");
    let is_old = read_version(version).is_some_and(|version| version < OLDEST);
    let server =
        if is_old { Check::found(NAME, Finding::about(Kind::RedisTooOld, [version])) } else { Check::well(NAME, version) };
    vec![server, eviction(fact("maxmemory_policy")), writes(&fact)]
}

/// Live events have no time of expiry, so a policy for all keys takes them first and one for volatile keys never.
fn eviction(policy: &str) -> Check {
    const NAME: &str = "redis eviction";
    if policy.is_empty() || policy == "noeviction" || policy.starts_with("volatile-") {
        return Check::well(NAME, policy);
    }
    Check::found(NAME, Finding::about(Kind::RedisEvicts, [policy]))
}

fn writes<'a>(fact: &impl Fn(&str) -> &'a str) -> Check {
    const NAME: &str = "redis writes";
    let refuses = if fact("role") == "slave" {
        Some("replica")
    } else if fact("rdb_last_bgsave_status") == "err" {
        // With stop-writes-on-bgsave-error, as it is by default, every write is refused from then on.
        Some("rdb_last_bgsave_status:err")
    } else if fact("aof_enabled") == "1" && fact("aof_last_write_status") == "err" {
        Some("aof_last_write_status:err")
    } else {
        None
    };
    match refuses {
        Some(reason) => Check::found(NAME, Finding::about(Kind::RedisReadOnly, [reason])),
        None => Check::well(NAME, if fact("aof_enabled") == "1" { "kept on disk (AOF)" } else { "" }),
    }
}

fn read_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(told: &str) -> Vec<Kind> {
        judge(told).into_iter().filter_map(|check| check.finding.map(|finding| finding.kind)).collect()
    }

    #[test]
    fn what_redis_says_of_itself_is_judged() {
        let good = "redis_version:7.0.15\r\nrole:master\r\nmaxmemory_policy:noeviction\r\nrdb_last_bgsave_status:ok\r\n";
        assert!(kinds(good).is_empty());
        assert!(kinds(&good.replace("noeviction", "volatile-ttl")).is_empty());
        assert_eq!(kinds(&good.replace("noeviction", "allkeys-lru")), [Kind::RedisEvicts]);
        assert_eq!(kinds(&good.replace("7.0.15", "6.0.16")), [Kind::RedisTooOld]);
        assert_eq!(kinds(&good.replace("master", "slave")), [Kind::RedisReadOnly]);
        assert_eq!(kinds(&good.replace("status:ok", "status:err")), [Kind::RedisReadOnly]);
    }
}
