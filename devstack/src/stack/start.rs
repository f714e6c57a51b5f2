//! How a stack comes up: databases, the outside world, then both services at once.

use std::{
    env::current_exe,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use sqlx::postgres::PgPoolOptions;

use super::{
    Stack,
    builder::{SECOND_BUSINESS, StackBuilder},
    database::Database,
    env::{self, Facts},
    simulators::{Orders, Simulators},
};
use crate::{
    ports,
    redis::{Redis, RedisOptions},
    run_dir::RunDir,
    secrets::Secrets,
    service::Service,
    sim::Sim,
};

/// Between choosing a port and binding it somebody else may take it; twice in a row is no accident.
const PORT_TAKEN: &str = "ddress already in use";

pub(super) async fn start(builder: StackBuilder) -> Result<Stack> {
    match try_start(&builder).await {
        Err(error) if format!("{error:#}").contains(PORT_TAKEN) => try_start(&builder).await,
        outcome => outcome,
    }
    .with_context(|| format!("the stack {:?} did not start", builder.name))
}

async fn try_start(builder: &StackBuilder) -> Result<Stack> {
    let programs = Programs::find(builder.bin_dir.as_deref())?;
    let dir = match &builder.dir {
        Some(path) => RunDir::kept(path)?,
        None => RunDir::temporary(&builder.name)?,
    };
    let kept_in = builder.dir.as_ref().map(|_| dir.path());
    let secrets = builder.secrets.clone().unwrap_or_else(Secrets::generate);
    let port = |wanted: Option<u16>| wanted.map_or_else(ports::free_port, ports::preferred_port);
    let (edge_port, brain_port) = (port(builder.ports.edge)?, port(builder.ports.brain)?);
    // Port 0 cannot be raced for; a port is chosen only when a stable address is wanted.
    let simulators_port = builder.ports.simulators.map_or(Ok(0), ports::preferred_port)?;

    let (database, redis) =
        tokio::try_join!(Database::open(&builder.postgres, &builder.name, kept_in), open_redis(builder, kept_in))?;
    let redis_url = redis.as_ref().map(|redis| redis.url().to_owned()).or_else(|| builder.redis_url.clone());
    let redis_url = redis_url.unwrap_or_default();
    let orders = Orders {
        port: simulators_port,
        webhook_url: format!("http://127.0.0.1:{edge_port}/webhook/ycloud"),
        secrets: &secrets,
        businesses: &businesses(builder),
        extra: &builder.simulator_args,
    };
    let simulators = Simulators::start(programs.simulators, dir.path().to_path_buf(), orders).await?;
    let media = dir.path().join("media");
    fs::create_dir_all(&media)?;
    let facts = Facts {
        postgres_dsn: database.dsn(),
        redis_url: &redis_url,
        secrets: &secrets,
        simulators: &simulators,
        media_dir: media.display().to_string(),
        brain_url: format!("http://127.0.0.1:{brain_port}"),
    };
    let start = |program, env, port| {
        let (dir, deadline) = (dir.path().to_path_buf(), builder.ready_within);
        async move { Service::start(program, &env, port, dir, deadline).await }
    };
    let brain = start(("brain", programs.brain), facts.brain(&builder.brain_env), brain_port).await?;
    // Not after the brain is ready: the edge has to cope with a schema that is not there yet.
    let edge = start(("edge", programs.edge), facts.edge(&builder.edge_env), edge_port).await?;
    tokio::try_join!(brain.wait_ready(), edge.wait_ready())?;

    let pool = PgPoolOptions::new().max_connections(5).connect_lazy(database.direct_dsn())?;
    let sim = Sim::new(simulators.http.clone())?;
    Ok(Stack { edge, brain, simulators, sim, secrets, pool, redis_url, redis, database, dir })
}

async fn open_redis(builder: &StackBuilder, kept_in: Option<&Path>) -> Result<Option<Redis>> {
    if builder.redis_url.is_some() {
        return Ok(None);
    }
    let dir = kept_in.map(|dir| dir.join("redis"));
    Redis::start(RedisOptions { dir, port: None }).await.map(Some)
}

fn businesses(builder: &StackBuilder) -> Vec<(String, String)> {
    let second = (SECOND_BUSINESS.phone_number.to_owned(), SECOND_BUSINESS.name.to_owned());
    let mut all: Vec<(String, String)> = Vec::new();
    for (phone, name) in [env::default_business(&builder.brain_env), second].iter().chain(&builder.businesses) {
        if !phone.is_empty() && !all.iter().any(|(known, _)| known == phone) {
            all.push((phone.clone(), name.clone()));
        }
    }
    all
}

struct Programs {
    edge: PathBuf,
    brain: PathBuf,
    simulators: PathBuf,
}

impl Programs {
    fn find(chosen: Option<&Path>) -> Result<Self> {
        let dir = match chosen {
            Some(dir) => dir.to_path_buf(),
            None => match std::env::var_os("NEXUS_BIN_DIR") {
                Some(dir) => dir.into(),
                None => beside_us()?,
            },
        };
        let program = |name: &str| {
            let file = dir.join(name);
            if !file.is_file() {
                bail!("{} is missing; build it with `cargo build --workspace --bins`", file.display());
            }
            Ok(file.canonicalize()?)
        };
        Ok(Self {
            edge: program("whatsapp_service")?,
            brain: program("orchestrator_service")?,
            simulators: program("simulators")?,
        })
    }
}

/// Test programs lie one folder deeper than the programs they test.
fn beside_us() -> Result<PathBuf> {
    let own = current_exe()?;
    let dir = own.parent().context("this program lies nowhere")?;
    let deeper = dir.file_name().is_some_and(|name| name == "deps" || name == "examples");
    Ok(if deeper { dir.parent().unwrap_or(dir) } else { dir }.to_path_buf())
}
