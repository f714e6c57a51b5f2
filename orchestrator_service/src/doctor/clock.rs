//! Whether the clocks agree: signatures, leases and service windows go by them.

use std::time::{SystemTime, UNIX_EPOCH};

use redis::aio::MultiplexedConnection;
use sqlx::PgPool;

use super::finding::{Finding, Kind};
use super::report::Check;

const NAME: &str = "clock";
/// Seconds. One-time passwords are still accepted, and a burst window of six seconds still means something.
const MOST_APART: f64 = 5.0;

/// Compares this machine's clock with those of both stores.
pub(super) async fn check(pool: Option<&PgPool>, redis: Option<&mut MultiplexedConnection>) -> Check {
    let mut apart = Vec::new();
    if let Some(pool) = pool {
        let asked = sqlx::query_scalar::<_, f64>("SELECT extract(epoch FROM clock_timestamp())::double precision");
        apart.extend(difference("Postgres", async { asked.fetch_one(pool).await.ok() }).await);
    }
    if let Some(redis) = redis {
        let asked = async {
            let (seconds, micros): (f64, f64) = redis::cmd("TIME").query_async(redis).await.ok()?;
            Some(seconds + micros / 1e6)
        };
        apart.extend(difference("Redis", asked).await);
    }
    if apart.is_empty() {
        return Check::found(NAME, Finding::about(Kind::NotReached, ["Postgres, Redis"]));
    }
    match apart.iter().find(|(_, seconds)| seconds.abs() > MOST_APART) {
        Some((whose, seconds)) => Check::found(NAME, skew(whose, *seconds)),
        None => Check::well(NAME, ""),
    }
}

pub(super) fn skew(whose: &str, seconds: f64) -> Finding {
    Finding::about(Kind::ClockSkew, [whose.to_owned(), format!("{:.0}", seconds.abs())])
}

/// Seconds that the other clock is ahead; what the question took is split evenly between there and back.
async fn difference(whose: &'static str, theirs: impl Future<Output = Option<f64>>) -> Option<(&'static str, f64)> {
    let before = now();
    let theirs = theirs.await?;
    let ours = f64::midpoint(before, now());
    Some((whose, theirs - ours))
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_clock_that_is_a_minute_off_is_noticed_and_this_one_is_not() {
        let (_, off) = difference("Postgres", async { Some(now() - 60.0) }).await.unwrap();
        assert!((off + 60.0).abs() < 1.0, "{off}");
        assert_eq!(skew("Postgres", off).facts, ["Postgres", "60"]);
        let (_, same) = difference("Redis", async { Some(now()) }).await.unwrap();
        assert!(same.abs() < MOST_APART);
    }
}
