//! Changing the key that seals credentials, also when it is killed on the way.

use nexus_core::ids::TenantId;
use nexus_core::vault::Vault;
use orchestrator_service::key_rotation::{Rotated, rotate};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use crate::support::World;

const NEW_KEY: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const OLD_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
/// Three batches and a bit.
const MANY: usize = 320;

fn new_vault() -> Vault {
    Vault::from_base64(&NEW_KEY.into()).unwrap()
}

fn both() -> Vault {
    new_vault().with_previous(&OLD_KEY.into()).unwrap()
}

/// Many credentials of two tenants, a person's second factor, and one credential that opens with no key.
async fn fill(world: &World) {
    let (other, _) = world.add_tenant("+5493815550200").await;
    for number in 0..MANY {
        let tenant = if number % 2 == 0 { world.tenant } else { other };
        let kind = format!("kind_{number}");
        let sealed = world.vault.seal(tenant, &kind, &SecretString::from(format!("secret-{number}"))).unwrap();
        insert(world, tenant, &kind, sealed.bytes, &sealed.key_id).await;
    }
    let user = Uuid::now_v7();
    let sealed = world.vault.seal(TenantId(user), "totp", &"JBSWY3DPEHPK3PXP".into()).unwrap();
    sqlx::query("INSERT INTO users (id, email, totp_secret) VALUES ($1, 'ana@example.com', $2)")
        .bind(user)
        .bind(sealed.bytes)
        .execute(world.brain.db.pool())
        .await
        .unwrap();
}

async fn insert(world: &World, tenant: TenantId, kind: &str, sealed: Vec<u8>, key_id: &str) {
    sqlx::query(
        "INSERT INTO credentials (tenant_id, id, kind, sealed, key_id, mask) VALUES ($1, gen_random_uuid(), $2, $3, $4, '')",
    )
    .bind(tenant)
    .bind(kind)
    .bind(sealed)
    .bind(key_id)
    .execute(world.brain.db.pool())
    .await
    .unwrap();
}

/// How many of all sealed values a vault opens, and how many there are.
async fn opened(world: &World, vault: &Vault) -> (usize, usize) {
    let rows: Vec<(TenantId, String, Vec<u8>)> = sqlx::query_as(
        "SELECT tenant_id, kind, sealed FROM credentials
         UNION ALL SELECT id, 'totp', totp_secret FROM users WHERE totp_secret IS NOT NULL",
    )
    .fetch_all(world.brain.db.pool())
    .await
    .unwrap();
    let opens = rows.iter().filter(|(tenant, kind, sealed)| vault.open(*tenant, kind, sealed).is_ok()).count();
    (opens, rows.len())
}

#[tokio::test]
async fn everything_is_sealed_anew_and_a_second_run_finds_nothing_to_do() {
    let world = World::new().await;
    fill(&world).await;
    let (before, all) = opened(&world, &both()).await;
    assert_eq!((before, opened(&world, &new_vault()).await.0), (all, 0));
    let report = rotate(&world.brain.db, &both()).await.unwrap();
    assert_eq!(report.second_factors, Rotated { resealed: 1, current: 0, unreadable: 0 });
    assert_eq!(report.credentials.resealed, u64::try_from(all - 1).unwrap());
    assert_eq!(opened(&world, &new_vault()).await, (all, all));
    assert_eq!(opened(&world, &world.vault).await.0, 0, "the old key opens nothing any more");
    let again = rotate(&world.brain.db, &both()).await.unwrap();
    assert_eq!((again.credentials.resealed, again.credentials.current), (0, report.credentials.resealed));
    let keys: Vec<String> = world.all("SELECT DISTINCT key_id FROM credentials").await;
    assert_eq!(keys, [new_vault().key_id()]);
}

#[tokio::test]
async fn what_no_key_opens_is_counted_and_left_alone() {
    let world = World::new().await;
    insert(&world, world.tenant, "lost", vec![7; 40], "gone").await;
    let report = rotate(&world.brain.db, &both()).await.unwrap();
    assert_eq!(report.credentials.unreadable, 1);
    let left: Vec<u8> = world.one("SELECT sealed FROM credentials WHERE kind = 'lost'").await;
    assert_eq!(left, vec![7; 40]);
}

#[tokio::test]
async fn killed_in_the_middle_everything_still_opens_and_the_next_run_ends_it() {
    let world = World::new().await;
    fill(&world).await;
    let run = |failpoint: Option<&'static str>| {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_orchestrator_service"));
        command.arg("rotate-credentials-key").env_clear().kill_on_drop(true);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
            .env("POSTGRES_DSN", world.config.stores.postgres.expose_secret())
            .env("REDIS_URL", world.config.stores.redis.expose_secret())
            .env("INTERNAL_API_TOKEN", "internal-token-of-the-tests")
            .env("ADMIN_TOKEN", "admin-token-of-the-tests")
            .env("CREDENTIALS_KEY", NEW_KEY)
            .env("CREDENTIALS_KEY_PREVIOUS", OLD_KEY);
        if let Some(failpoint) = failpoint {
            command.env("NEXUS_FAILPOINT", failpoint);
        }
        async move { command.output().await.unwrap() }
    };
    let killed = run(Some("after_resealed_batch")).await;
    assert!(!killed.status.success(), "the failpoint did not kill it");
    let (by_new, all) = opened(&world, &new_vault()).await;
    assert!(by_new > 0 && by_new < all, "{by_new} of {all}: it was not in the middle");
    assert_eq!(opened(&world, &both()).await, (all, all), "services with both keys go on working");
    let ended = run(None).await;
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    assert!(said.contains(&format!("{} sealed anew, {by_new} already were", all - 1 - by_new)), "{said}");
    assert_eq!(opened(&world, &new_vault()).await, (all, all));
}
