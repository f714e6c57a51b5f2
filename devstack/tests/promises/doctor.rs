//! The doctor names what is wrong and says what to do, one planted misconfiguration after the other.

use devstack::{PgBouncer, PgBouncerOptions, Stack, free_port};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use crate::world::{CLINIC, builder, start};

/// A stack whose one channel has a key of its own, and what the doctor is told besides the brain's environment.
struct Patient {
    stack: Stack,
}

impl Patient {
    async fn new() -> Self {
        let stack = start(builder("doctor").brain_env("PLATFORM_URL", "https://nexus.example.com")).await;
        let tenant = json!({
            "name": "Clínica", "assistant": {"persona": "Sos amable."},
            "channels": [{"provider": "ycloud", "phone_number": CLINIC, "api_key": stack.secrets().ycloud_api_key}]
        });
        stack.apply_tenant(&tenant).await.unwrap();
        Self { stack }
    }

    /// Runs the doctor with some variables changed. Answers its report and its exit code.
    async fn examine(&self, changes: &[(&str, &str)]) -> (Value, Option<i32>) {
        let edge = self.stack.edge.env();
        let known = ["YCLOUD_API_KEY", "YCLOUD_WEBHOOK_SECRET", "YCLOUD_API_URL"].map(|name| (name, edge[name].as_str()));
        let edge_url = self.stack.edge.url();
        let all: Vec<(&str, &str)> =
            known.into_iter().chain([("WHATSAPP_SERVICE_URL", edge_url.as_str())]).chain(changes.iter().copied()).collect();
        let output = self.stack.brain_output(&["doctor", "--json"], &all).await.unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        self.shows_no_secret(&text, changes);
        (serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")), output.status.code())
    }

    fn shows_no_secret(&self, report: &str, changes: &[(&str, &str)]) {
        let secrets = self.stack.secrets();
        let ours = [
            &secrets.internal_token,
            &secrets.admin_token,
            &secrets.credentials_key,
            &secrets.ycloud_api_key,
            &secrets.openai_api_key,
            &secrets.webhook_secret,
        ];
        let planted = changes.iter().map(|(_, value)| *value).filter(|value| value.contains("hunter2"));
        for secret in ours.into_iter().map(String::as_str).chain(planted) {
            assert!(!report.contains(secret), "the report shows a secret: {report}");
        }
        assert!(!report.contains("hunter2"), "the report shows a part of a secret: {report}");
    }

    /// The one thing that was planted is found, with words for it, and decides the exit code.
    async fn finds(&self, changes: &[(&str, &str)], code: &str, mention: &str) {
        let (report, exit) = self.examine(changes).await;
        let found = report["checks"].as_array().unwrap().iter().find(|check| check["code"] == code);
        let found = found.unwrap_or_else(|| panic!("{code} is not found: {report:#}"));
        let (problem, remedy) = (found["problem"].as_str().unwrap(), found["remedy"].as_str().unwrap());
        assert!(format!("{problem} {remedy}").contains(mention), "{code} does not mention {mention}: {problem} {remedy}");
        assert!(remedy.len() > 10, "{code} does not say what to do");
        let has_failed = report["checks"].as_array().unwrap().iter().any(|check| check["state"] == "failed");
        assert_eq!((report["ok"].as_bool(), exit), (Some(!has_failed), Some(i32::from(has_failed))), "{report:#}");
        if found["state"] == "failed" {
            assert_eq!(exit, Some(1));
        }
    }

    async fn sql(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(self.stack.pool()).await.unwrap();
    }

    /// The database as another user.
    fn dsn_as(&self, user: &str, password: &str) -> String {
        let dsn = self.stack.postgres_dsn();
        let (_, host) = dsn.split_once('@').unwrap();
        format!("postgres://{user}:{password}@{host}")
    }
}

fn dead_url() -> String {
    format!("http://127.0.0.1:{}", free_port().unwrap())
}

#[tokio::test]
async fn a_sound_installation_is_well() {
    let patient = Patient::new().await;
    let (report, exit) = patient.examine(&[]).await;
    let unwell: Vec<&Value> =
        report["checks"].as_array().unwrap().iter().filter(|check| matches!(check["state"].as_str(), Some("failed"))).collect();
    assert!(unwell.is_empty() && exit == Some(0), "{unwell:#?}");
    for name in [
        "settings",
        "postgres",
        "schema",
        "pooler",
        "redis",
        "clock",
        "edge",
        "model",
        "ycloud",
        "ycloud channel",
        "mail",
        "media store",
    ] {
        assert!(report["checks"].as_array().unwrap().iter().any(|check| check["name"] == name), "{name} was not looked at");
    }
    let spanish = patient.stack.brain_output(&["doctor", "--language", "es"], &[("OPENAI_API_KEY", "")]).await.unwrap();
    let text = String::from_utf8(spanish.stdout).unwrap();
    assert!(text.contains("OPENAI_API_KEY está vacía") && !text.contains('\x1b'), "{text}");
}

#[tokio::test]
async fn every_wrong_variable_is_named_with_the_way_to_mend_it() {
    let patient = Patient::new().await;
    let (dead, secret) = (dead_url(), "hunter2-hunter2-hunter2");
    let dead_port = dead.rsplit_once(':').unwrap().1;
    let dsn = patient.stack.postgres_dsn();
    let (server, _) = dsn.rsplit_once('/').unwrap();
    let redis = patient.stack.redis_url();
    let openai = patient.stack.brain.env()["OPENAI_BASE_URL"].clone();
    let cases: &[(&str, &str, &str, &str)] = &[
        ("POSTGRES_DSN", "", "variable", "POSTGRES_DSN"),
        ("POSTGRES_DSN", "mysql://hunter2", "postgres_dsn", "postgres://"),
        ("POSTGRES_DSN", &format!("postgres://nexus:hunter2@127.0.0.1:{dead_port}/nexus"), "postgres_unreachable", dead_port),
        ("POSTGRES_DSN", &patient.dsn_as("nobody_here", "hunter2"), "postgres_refuses_login", "ALTER ROLE"),
        ("POSTGRES_DSN", &format!("{server}/not_there"), "postgres_no_database", "CREATE DATABASE"),
        (
            "POSTGRES_DIRECT_DSN",
            &format!("postgres://nexus:hunter2@127.0.0.1:{dead_port}/nexus"),
            "postgres_unreachable",
            "POSTGRES_DIRECT_DSN",
        ),
        ("REDIS_URL", "hunter2", "redis_url", "redis://"),
        ("REDIS_URL", &format!("redis://:hunter2@127.0.0.1:{dead_port}/0"), "redis_unreachable", dead_port),
        ("REDIS_URL", &format!("redis://:hunter2@{}", redis.rsplit_once('@').unwrap().1), "redis_refuses_login", "REDIS_URL"),
        ("ADMIN_TOKEN", "hunter2", "variable", "ADMIN_TOKEN"),
        ("ADMIN_TOKEN", &patient.stack.secrets().internal_token, "same_token", "openssl rand -hex 32"),
        ("INTERNAL_API_TOKEN", "", "variable", "INTERNAL_API_TOKEN"),
        ("CREDENTIALS_KEY", "hunter2", "variable", "openssl rand -base64 32"),
        ("CREDENTIALS_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "credential_closed", "CREDENTIALS_KEY_PREVIOUS"),
        ("TURN_LEASE_SECONDS", "1", "variable", "TURN_LEASE_SECONDS=60"),
        ("CORS_ALLOWED_ORIGINS", "*", "variable", "CORS_ALLOWED_ORIGINS"),
        ("CORS_ALLOWED_ORIGINS", "https://admin.example.com/app", "origin_not_bare", "CORS_ALLOWED_ORIGINS"),
        ("PLATFORM_URL", "", "platform_url_missing", "PLATFORM_URL"),
        ("PLATFORM_URL", "nexus", "platform_url_bad", "https://"),
        ("PLATFORM_URL", "http://nexus.example.com", "platform_url_insecure", "HTTPS"),
        ("WHATSAPP_SERVICE_URL", &dead, "edge_unreachable", dead_port),
        ("WHATSAPP_SERVICE_URL", &format!("{}/nowhere", patient.stack.edge.url()), "edge_strange", "404"),
        ("OPENAI_API_KEY", "", "model_key_missing", "OPENAI_API_KEY"),
        ("OPENAI_API_KEY", secret, "model_refuses_key", "OPENAI_API_KEY"),
        ("OPENAI_BASE_URL", &dead, "model_unreachable", "OPENAI_BASE_URL"),
        ("OPENAI_BASE_URL", &format!("{openai}/nowhere"), "model_fails", "OPENAI_BASE_URL"),
        ("OPENAI_MODEL", "gpt-of-nobody", "model_unknown", "gpt-of-nobody"),
        ("YCLOUD_API_KEY", secret, "ycloud_refuses_key", "YCLOUD_API_KEY"),
        ("YCLOUD_API_URL", &dead, "ycloud_unreachable", "YCLOUD_API_URL"),
        ("YCLOUD_WEBHOOK_SECRET", "", "webhook_secret_missing", "whsec_"),
        ("SMTP_PORT", dead_port, "mail_unreachable", dead_port),
        ("SMTP_SECURITY", "starttls", "mail_misfit", "SMTP_SECURITY"),
        ("SMTP_HOST", "", "mail_not_configured", "SMTP_HOST"),
        ("SMTP_FROM", "hunter2", "variable", "SMTP_FROM"),
        ("GOOGLE_CREDENTIALS", "{hunter2", "google_not_json", "GOOGLE_CREDENTIALS"),
        (
            "GOOGLE_CREDENTIALS",
            r#"{"type":"service_account","client_email":"a@b.example","private_key":"hunter2"}"#,
            "google_incomplete",
            "private_key",
        ),
        ("MEDIA_STORE_URL", "file:///proc/nexus", "media_not_writable", "/proc/nexus"),
        ("MEDIA_STORE_URL", "nexus", "media_url", "file:///"),
    ];
    for (name, value, code, mention) in cases {
        patient.finds(&[(*name, *value)], code, mention).await;
    }
}

#[tokio::test]
async fn every_fault_of_the_stores_is_named_with_the_way_to_mend_it() {
    let mut patient = Patient::new().await;
    let database = patient.stack.postgres_dsn().rsplit_once('/').unwrap().1.to_owned();
    patient.sql(&format!("ALTER DATABASE {database} SET synchronous_commit = off")).await;
    patient.finds(&[], "postgres_not_durable", "synchronous_commit = on").await;
    patient.sql(&format!("ALTER DATABASE {database} RESET synchronous_commit")).await;

    patient.sql("UPDATE _sqlx_migrations SET checksum = 'x' WHERE version = (SELECT min(version) FROM _sqlx_migrations)").await;
    patient.finds(&[], "schema_drift", "Never edit an applied migration").await;
    patient.sql("DELETE FROM _sqlx_migrations WHERE version IN (SELECT min(version) FROM _sqlx_migrations UNION SELECT max(version) FROM _sqlx_migrations)").await;
    patient.finds(&[], "schema_older", "orchestrator_service migrate").await;
    patient.sql("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (99990101000000, '', true, '', 0)").await;
    patient.finds(&[], "schema_newer", "99990101000000").await;
    patient.sql("DROP TABLE _sqlx_migrations").await;
    patient.finds(&[], "schema_empty", "orchestrator_service migrate").await;

    // Roles belong to the server, which other tests share.
    let role = format!("doctor_{database}");
    patient.sql(&format!("CREATE ROLE {role} LOGIN BYPASSRLS PASSWORD 'hunter2'")).await;
    let as_role = patient.dsn_as(&role, "hunter2");
    let dsn = [("POSTGRES_DSN", as_role.as_str())];
    patient.finds(&dsn, "postgres_bypasses", "GRANT nexus_tenant TO").await;
    patient.finds(&dsn, "postgres_no_privilege", "OWNER TO").await;
    patient.finds(&dsn, "extension_forbidden", "CREATE EXTENSION").await;
    patient.sql(&format!("DROP ROLE {role}")).await;

    let direct = std::env::var("NEXUS_TEST_POSTGRES_DIRECT").or_else(|_| std::env::var("NEXUS_TEST_POSTGRES"));
    let direct = direct.unwrap_or_else(|_| patient.stack.postgres_dsn().to_owned());
    let forgetful = PgBouncer::start_with(&direct, PgBouncerOptions { max_prepared_statements: 0 }).await.unwrap();
    patient.finds(&[("POSTGRES_DSN", &forgetful.dsn(&database))], "pooler_forgets", "1.21").await;
    let good = PgBouncer::start(&direct).await.unwrap();
    patient.finds(&[("POSTGRES_DSN", &good.dsn(&database))], "pooler_without_direct", "POSTGRES_DIRECT_DSN").await;

    let mut redis = patient.stack.redis().unwrap().connect().await.unwrap();
    for (policy, expected) in [("allkeys-lru", true), ("volatile-lru", false)] {
        redis::cmd("CONFIG").arg(&["SET", "maxmemory-policy", policy]).exec_async(&mut redis).await.unwrap();
        if expected {
            patient.finds(&[], "redis_evicts", policy).await;
        } else {
            let (report, _) = patient.examine(&[]).await;
            assert!(!report.to_string().contains("redis_evicts"), "{report:#}");
        }
    }
}
