//! What a killed owner leaves: nothing when the system can help, and otherwise nothing after the next start.
//! The owner is this test program itself, run once more with only `owner` in it.

use std::{
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use devstack::{Postgres, PostgresOptions, Redis, RedisOptions, eventually};

const DIR: &str = "NEXUS_TEST_OWNER_DIR";

/// Not a test by itself: starts servers in the directory it is told, says so, and waits to be killed.
#[tokio::test]
async fn owner() {
    let Some(dir) = std::env::var_os(DIR).map(PathBuf::from) else { return };
    let postgres = Postgres::start(kept(&dir)).await.unwrap();
    let redis = Redis::start(RedisOptions { dir: Some(dir.join("redis")), port: None }).await.unwrap();
    let pids = (postgres.process().unwrap().pid(), redis.process().unwrap().pid());
    println!("\nowns {} {}", pids.0, pids.1);
    std::future::pending::<()>().await;
}

fn kept(dir: &Path) -> PostgresOptions {
    PostgresOptions { dir: Some(dir.join("postgres")), ..PostgresOptions::default() }
}

struct Owner(Child, Vec<u32>);

fn start_owner(dir: &Path) -> Owner {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "leftovers::owner", "--nocapture"])
        .env(DIR, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines.map_while(Result::ok).find(|line| line.starts_with("owns ")).unwrap();
    let pids = line.split(' ').skip(1).map(|pid| pid.parse().unwrap()).collect();
    Owner(child, pids)
}

fn alive(pid: u32) -> bool {
    // A zombie has no command line any more.
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|text| !text.is_empty())
}

fn scratch(name: &str) -> PathBuf {
    devstack::state_root().unwrap().join(format!("test-{name}-{}", std::process::id()))
}

#[tokio::test]
async fn a_killed_owner_takes_its_servers_along_and_the_next_one_starts() {
    let dir = scratch("killed");
    let Owner(mut owner, pids) = start_owner(&dir);
    assert!(pids.iter().all(|&pid| alive(pid)));
    owner.kill().unwrap();
    owner.wait().unwrap();
    // At once, while the old server may still be going down.
    let postgres = Postgres::start(kept(&dir)).await.unwrap();
    eventually(Duration::from_secs(10), "the end of the old servers", async || {
        (!pids.iter().any(|&pid| alive(pid))).then_some(())
    })
    .await
    .unwrap();
    drop(postgres);
    std::fs::remove_dir_all(dir).unwrap();
}

#[tokio::test]
async fn a_server_that_outlived_its_owner_is_ended() {
    let dir = scratch("orphan");
    let mut postgres = Postgres::start(kept(&dir)).await.unwrap();
    let data = dir.join("postgres").join("data").canonicalize().unwrap();
    let arguments = std::fs::read(format!("/proc/{}/cmdline", postgres.process().unwrap().pid())).unwrap();
    let arguments: Vec<String> = String::from_utf8(arguments).unwrap().split_terminator('\0').map(str::to_owned).collect();
    postgres.stop().await.unwrap();
    drop(postgres);

    // The same server once more, owned by nobody.
    let mut orphan = Command::new(&arguments[0]);
    orphan.args(&arguments[1..]).stderr(Stdio::null());
    let owner = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(&data).unwrap());
    let group = std::os::unix::fs::MetadataExt::gid(&std::fs::metadata(&data).unwrap());
    let mut orphan = orphan.gid(group).uid(owner).current_dir(&data).spawn().unwrap();
    let lock = data.join("postmaster.pid");
    eventually(Duration::from_secs(10), "the orphan's lock file", async || {
        std::fs::read_to_string(&lock).ok().filter(|text| text.contains("ready"))
    })
    .await
    .unwrap();

    let pid = orphan.id();
    let waiter = std::thread::spawn(move || orphan.wait());
    let postgres = Postgres::start(kept(&dir)).await.unwrap();
    waiter.join().unwrap().unwrap();
    assert!(!alive(pid));
    drop(postgres);
    std::fs::remove_dir_all(dir).unwrap();
}

#[tokio::test]
async fn a_lock_file_of_a_dead_or_foreign_process_does_not_matter() {
    let dir = scratch("stale");
    drop(Postgres::start(kept(&dir)).await.unwrap());
    let lock = dir.join("postgres").join("data").join("postmaster.pid");
    // Our own pid: alive, but certainly no postgres.
    for pid in [std::process::id(), 4_000_000] {
        std::fs::write(&lock, format!("{pid}\n")).unwrap();
        drop(Postgres::start(kept(&dir)).await.unwrap());
    }
    std::fs::remove_dir_all(dir).unwrap();
}
