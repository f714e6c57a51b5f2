//! The least a database user needs: to own the database. Most other tests run as a superuser, as on EasyPanel.

use nexus_core::tenancy::TenantRole;
use orchestrator_service::startup;
use orchestrator_service::tenants::{TenantSpec, apply};
use orchestrator_service::tools::Registry;
use secrecy::{ExposeSecret as _, SecretString};

use crate::support::world::{BUSINESS, config, tenant_file};
use crate::support::{FakeModel, postgres};

#[tokio::test]
async fn a_plain_owner_of_the_database_is_enough_and_keeps_tenants_apart() {
    let administrator = postgres::fresh_database().await;
    let (server, database) = administrator.expose_secret().rsplit_once('/').unwrap();
    let (_, host) = server.split_once('@').unwrap();
    let role = format!("owner_{}", uuid::Uuid::now_v7().simple());
    postgres::as_administrator(&format!("CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEROLE PASSWORD 'owner-of-the-tests'")).await;
    postgres::as_administrator(&format!("ALTER DATABASE {database} OWNER TO {role}")).await;
    let dsn = SecretString::from(format!("postgres://{role}:owner-of-the-tests@{host}/{database}"));

    let config = config(&dsn, &FakeModel::start().await, &[]);
    let db = startup::prepare(&config.stores, startup::pool(&config.stores).unwrap()).await.unwrap();
    assert_eq!(TenantRole::detect(db.pool()).await.unwrap(), TenantRole::OwnRole);
    let vault = config.vault().unwrap();
    let mut tenants = Vec::new();
    for number in [BUSINESS, "+5493815550200"] {
        let spec: TenantSpec = serde_json::from_value(tenant_file(number)).unwrap();
        tenants.push(apply(&db, &vault, &Registry::new(), &spec).await.unwrap().tenant_id);
    }
    const COUNT: &str = "SELECT count(*) FROM channels";
    for tenant in tenants {
        let mut tx = db.tenant(tenant).await.unwrap();
        assert_eq!(sqlx::query_scalar::<_, i64>(COUNT).fetch_one(&mut *tx).await.unwrap(), 1);
    }
    let mut system = db.system().await.unwrap();
    assert_eq!(sqlx::query_scalar::<_, i64>(COUNT).fetch_one(&mut *system).await.unwrap(), 2);
    drop(system);
    // The owner itself sees nothing without saying for whom: row-level security is forced.
    assert_eq!(sqlx::query_scalar::<_, i64>(COUNT).fetch_one(db.pool()).await.unwrap(), 0);
}
