//! Waiting on a condition instead of sleeping.

use std::{fmt::Display, time::Duration};

use anyhow::{Result, bail};
use tokio::time::{Instant, sleep, timeout_at};

/// Short enough to go unnoticed in a test, long enough not to be load.
const INTERVAL: Duration = Duration::from_millis(15);

/// What a check may answer: `Some(value)` ends the wait; `None` and errors mean "not yet".
pub trait Verdict {
    /// What the check is waiting for.
    type Value;
    /// The value, or why there is none yet.
    fn settle(self) -> Result<Self::Value, Option<String>>;
}

impl<T> Verdict for Option<T> {
    type Value = T;
    fn settle(self) -> Result<T, Option<String>> {
        self.ok_or(None)
    }
}

impl<T, E: Display> Verdict for Result<Option<T>, E> {
    type Value = T;
    fn settle(self) -> Result<T, Option<String>> {
        self.map_err(|error| Some(format!("{error:#}")))?.ok_or(None)
    }
}

/// Asks `check` until it yields a value; after `deadline` fails with `what` was awaited and the last error.
pub async fn eventually<V: Verdict>(deadline: Duration, what: &str, mut check: impl AsyncFnMut() -> V) -> Result<V::Value> {
    let end = Instant::now() + deadline;
    loop {
        // The check itself may hang, for instance on a frozen database.
        let last_error = match timeout_at(end, check()).await.map(Verdict::settle) {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(why)) => why,
            Err(_) => Some("the check itself did not return".into()),
        };
        if Instant::now() >= end {
            match last_error {
                Some(error) => bail!("waited {deadline:?} in vain for: {what} (last error: {error})"),
                None => bail!("waited {deadline:?} in vain for: {what}"),
            }
        }
        sleep(INTERVAL.min(end - Instant::now())).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn returns_the_first_value() {
        let mut asked = 0;
        let value = eventually(Duration::from_secs(1), "three", async || {
            asked += 1;
            (asked == 3).then_some(asked)
        })
        .await
        .unwrap();
        assert_eq!(value, 3);
    }

    #[tokio::test]
    async fn says_what_it_waited_for_and_why_it_failed() {
        let failed = eventually(Duration::from_millis(30), "the moon", async || Err::<Option<()>, _>(anyhow::anyhow!("too far")))
            .await
            .unwrap_err()
            .to_string();
        assert!(failed.contains("the moon") && failed.contains("too far"), "{failed}");
    }

    #[tokio::test]
    async fn a_hanging_check_cannot_outlive_the_deadline() {
        let failed = eventually(Duration::from_millis(30), "a sign", async || std::future::pending::<Option<()>>().await).await;
        assert!(failed.unwrap_err().to_string().contains("did not return"));
    }
}
