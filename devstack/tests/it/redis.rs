//! A private Redis under stop and crash.

use devstack::{Redis, RedisOptions};

async fn get(redis: &Redis) -> Option<String> {
    let mut connection = redis.connect().await.unwrap();
    ::redis::cmd("GET").arg("key").query_async(&mut connection).await.unwrap()
}

async fn set(redis: &Redis) {
    let mut connection = redis.connect().await.unwrap();
    ::redis::cmd("SET").arg("key").arg("value").exec_async(&mut connection).await.unwrap();
}

#[tokio::test]
async fn it_forgets_on_every_restart_and_keeps_its_address() {
    let mut redis = Redis::start(RedisOptions::default()).await.unwrap();
    let url = redis.url().to_owned();
    set(&redis).await;
    assert_eq!(get(&redis).await.as_deref(), Some("value"));
    redis.flush().await.unwrap();
    assert_eq!(get(&redis).await, None);
    set(&redis).await;
    redis.kill().await;
    assert!(redis.connect().await.is_err());
    redis.restart().await.unwrap();
    assert_eq!(get(&redis).await, None);
    set(&redis).await;
    redis.stop().await;
    assert!(redis.connect().await.is_err());
    redis.restart().await.unwrap();
    assert_eq!(get(&redis).await, None);
    assert_eq!(redis.url(), url);
}

#[tokio::test]
async fn a_dropped_server_leaves_nothing() {
    let redis = Redis::start(RedisOptions::default()).await.unwrap();
    let pid = redis.process().unwrap().pid();
    drop(redis);
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
}
