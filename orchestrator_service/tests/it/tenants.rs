//! Tenant files, and the default tenant of an empty database.

use orchestrator_service::tenants::{ApplyError, TenantSpec, apply, bootstrap};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::support::World;
use crate::support::world::{BUSINESS, config, tenant_file};

fn spec(change: impl FnOnce(&mut Value)) -> TenantSpec {
    let mut file = tenant_file(BUSINESS);
    change(&mut file);
    serde_json::from_value(file).unwrap()
}

#[tokio::test]
async fn applying_a_file_twice_changes_nothing() {
    let world = World::new().await;
    let before: Vec<String> = world.all("SELECT encode(sealed, 'hex') FROM credentials ORDER BY id").await;
    let again = apply(&world.brain.db, &world.vault, &world.brain.tools, &spec(|_| {})).await.unwrap();
    assert_eq!((again.is_new, again.tenant_id, again.assistant_version), (false, world.tenant, 1));
    let after: Vec<String> = world.all("SELECT encode(sealed, 'hex') FROM credentials ORDER BY id").await;
    assert_eq!(before, after);
    assert_eq!(after.len(), 2);
    assert!(again.channels[0].webhook_path.starts_with("/webhook/ycloud/"));
}

#[tokio::test]
async fn a_changed_assistant_is_a_new_version_and_the_old_one_stays() {
    let world = World::new().await;
    let changed = spec(|file| {
        file["assistant"]["persona"] = json!("Sos Pepe.");
        file["channels"][0]["api_key"] = json!("key-of-tomorrow");
        file["channels"][0]["webhook_secret"] = Value::Null;
    });
    let applied = apply(&world.brain.db, &world.vault, &world.brain.tools, &changed).await.unwrap();
    assert_eq!(applied.assistant_version, 2);
    assert_eq!(world.one::<i64>("SELECT count(*) FROM assistant_versions").await, 2);
    let published: String =
        world.one("SELECT persona FROM assistants a JOIN assistant_versions v ON v.id = a.published_version_id").await;
    assert_eq!(published, "Sos Pepe.");
    let sealed: Vec<u8> = world.one("SELECT sealed FROM credentials WHERE kind = 'ycloud_api_key'").await;
    let opened = world.vault.open(world.tenant, "ycloud_api_key", &sealed).unwrap();
    assert_eq!(opened.expose_secret(), "key-of-tomorrow");
    assert_eq!(
        world.one::<i64>("SELECT count(*) FROM credentials WHERE kind = 'ycloud_webhook_secret'").await,
        1,
        "what the file leaves out stays"
    );
}

#[tokio::test]
async fn channels_of_two_tenants_cannot_be_in_one_file() {
    let world = World::new().await;
    world.add_tenant("+5493815550200").await;
    let both = spec(|file| {
        let second = json!({"provider": "ycloud", "phone_number": "+5493815550200"});
        file["channels"].as_array_mut().unwrap().push(second);
    });
    let refused = apply(&world.brain.db, &world.vault, &world.brain.tools, &both).await;
    assert!(matches!(refused, Err(ApplyError::SeveralTenants(..))));
}

#[tokio::test]
async fn the_default_tenant_is_made_once_and_never_overwrites() {
    let world = World::new().await;
    let store = [
        ("STORE_NAME", "Mate y Cuero"),
        ("BOT_PHONE_NUMBER", "54 9 381 555-0300"),
        ("HANDOFF_EMAIL", "a@example.com, b@example.com"),
    ];
    let settings = config(&world.config.stores.postgres, &world.model, &store).store;
    let (db, tools) = (&world.brain.db, &world.brain.tools);
    bootstrap(db, &world.vault, tools, &settings).await.unwrap();
    assert_eq!(world.one::<i64>("SELECT count(*) FROM tenants").await, 1, "a database with a tenant is left alone");

    world.run("DELETE FROM tenants").await;
    let (one, two) = tokio::join!(bootstrap(db, &world.vault, tools, &settings), bootstrap(db, &world.vault, tools, &settings));
    one.unwrap();
    two.unwrap();
    let (name, emails): (String, Vec<String>) =
        sqlx::query_as("SELECT name, handoff_emails FROM tenants").fetch_one(db.pool()).await.unwrap();
    assert_eq!((name.as_str(), emails.len()), ("Mate y Cuero", 2));
    assert_eq!(world.one::<String>("SELECT phone_number FROM channels").await, "+5493815550300");

    world.run("UPDATE tenants SET name = 'Otro nombre'").await;
    bootstrap(db, &world.vault, tools, &settings).await.unwrap();
    assert_eq!(world.one::<String>("SELECT name FROM tenants").await, "Otro nombre");
}
