//! Credentials cannot be read back: every kind of secret is planted, everything is asked, everything is made to fail, and
//! whatever comes out anywhere is searched for all of them in every spelling.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use nexus_core::ids::TenantId;
use orchestrator_service::auth::{Passwords, Role};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use tracing_subscriber::fmt::MakeWriter;

use super::integrations::put;
use super::support::{Api, Client};
use crate::support::google::ServiceAccount;
use crate::support::{FakeSystem, MailServer, World};

/// Everything that is secret, by name.
struct Planted(Vec<(&'static str, String)>);

impl Planted {
    /// The name of the first secret that a text holds, as it is or encoded.
    fn found_in(&self, text: &str) -> Option<&'static str> {
        self.0.iter().find(|(_, secret)| spellings(secret).iter().any(|spelling| text.contains(spelling))).map(|(name, _)| *name)
    }

    fn of(&self, name: &str) -> &str {
        &self.0.iter().find(|(known, _)| *known == name).unwrap().1
    }
}

/// A secret as it is, in hex, percent-encoded, escaped, and in base64 at each of the three offsets.
fn spellings(secret: &str) -> Vec<String> {
    let percent: String = secret
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    let escaped = serde_json::to_string(secret).unwrap().trim_matches('"').to_owned();
    let mut all =
        vec![secret.to_owned(), hex::encode(secret), hex::encode_upper(secret), percent.to_lowercase(), percent, escaped];
    for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
        for offset in 0..3 {
            let encoded = engine.encode([vec![b' '; offset], secret.as_bytes().to_vec()].concat());
            // The ends depend on what stands around it.
            let inner = encoded.get((offset * 4).div_ceil(3)..encoded.len().saturating_sub(4)).unwrap_or_default();
            if inner.len() >= 12 {
                all.push(inner.to_owned());
            }
        }
    }
    all.retain(|spelling| spelling.len() >= 8);
    all
}

/// Log lines of everything this process runs.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

const OPENAI: &str = "sk-PLANTEDopenai0123456789";
const TIENDANUBE: &str = "PLANTEDtienda0123456789abcd";
const MAIL: &str = "PLANTED/mail+p4ssw0rd=?";
const YCLOUD: &str = "yc-PLANTED0123456789abcdef";
const WEBHOOK: &str = "whsec_PLANTED0123456789abc";
const REFUSED: &str = "PLANTED-typed-wrong-0123456789";
const PASSWORD: &str = "PLANTED long sentence 0123";
const TOTP: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// A business that has every secret there is, and an administrator of it.
async fn plant(api: &Api, outside: &FakeSystem, mail: &MailServer) -> (Planted, Client) {
    let tenant = api.world.tenant;
    let user = api.user("ana@example.com").await;
    api.join(tenant, user, Role::Administrator).await;
    let administrator = api.browser(user).await;
    let path = format!("/tenants/{tenant}/integrations");
    let google = ServiceAccount::new().file;
    let smtp = json!({"host": "127.0.0.1", "port": mail.port, "security": "none", "user": "clinic", "from": "c@example.com"});
    for (kind, settings, secret) in [
        ("openai", json!({"base_url": format!("{}/v1", outside.url)}), OPENAI),
        ("tiendanube", json!({"store_id": "5310042", "api_url": outside.url}), TIENDANUBE),
        ("google_calendar", json!({}), &google),
        ("smtp", smtp, MAIL),
    ] {
        put(&administrator, &format!("{path}/{kind}"), "*", &json!({"settings": settings, "secret": secret})).await.expect(200);
    }
    outside.answers(
        "GET /whatsapp/phoneNumbers",
        200,
        json!({"items": [{"phoneNumber": "+5493815550100", "status": "CONNECTED"}]}),
    );
    let secrets = json!({"api_key": YCLOUD, "webhook_secret": WEBHOOK});
    let channel = format!("/tenants/{tenant}/channels/{}/credentials", api.world.channel);
    administrator.put(&channel, &secrets).await.expect(200);
    let token = json!({"name": "script", "scopes": ["settings.read"]});
    let token = administrator.post(&format!("/tenants/{tenant}/api-tokens"), &token).await.expect(201).json();
    let hash = Passwords::default().hash(&PASSWORD.into()).await.unwrap();
    let totp = api.world.vault.seal(TenantId(user.0), "totp", &TOTP.into()).unwrap();
    sqlx::query("UPDATE users SET password_hash = $2, totp_secret = $3, totp_confirmed_at = now() WHERE id = $1")
        .bind(user)
        .bind(&hash)
        .bind(&totp.bytes)
        .execute(api.world.brain.db.pool())
        .await
        .unwrap();
    let session = administrator.cookie();
    let private_key: Value = serde_json::from_str(&google).unwrap();
    let pem_line = private_key["private_key"].as_str().unwrap().lines().nth(3).unwrap().to_owned();
    let planted = vec![
        ("openai", OPENAI.to_owned()),
        ("tiendanube", TIENDANUBE.to_owned()),
        ("google", pem_line),
        ("smtp", MAIL.to_owned()),
        ("channel key", YCLOUD.to_owned()),
        ("webhook secret", WEBHOOK.to_owned()),
        ("typed wrong", REFUSED.to_owned()),
        ("password", PASSWORD.to_owned()),
        ("password hash", hash),
        ("totp", TOTP.to_owned()),
        ("sealed totp", hex::encode(totp.bytes)),
        ("api token", token["token"].as_str().unwrap().to_owned()),
        ("session", session),
        ("credentials key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned()),
        ("admin token", super::support::ADMIN_TOKEN.to_owned()),
        ("internal token", crate::support::world::TOKEN.to_owned()),
    ];
    (Planted(planted), administrator)
}

/// Every `GET` of the document, with what there is of this business.
async fn ask_everything(api: &Api, client: &Client, answers: &mut Vec<(String, String)>) {
    let document = api.nobody().get("/openapi.json").await.expect(200).json();
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = path.strip_prefix("/api/v1").unwrap();
        if item["get"].is_null() || path == "/events" {
            continue; // A stream does not end.
        }
        let named = path
            .replace("{tenant_id}", &api.world.tenant.to_string())
            .replace("{channel_id}", &api.world.channel.to_string())
            .replace("{kind}", "smtp");
        let id = uuid::Uuid::nil().to_string();
        let segments: Vec<&str> =
            named.split('/').map(|segment| if segment.starts_with('{') { id.as_str() } else { segment }).collect();
        let path = segments.join("/");
        let answer = client.get(&path).await;
        answers.push((format!("GET {path}"), format!("{:?} {}", answer.headers, answer.text)));
    }
}

/// Wrong input that repeats a secret, and tests against servers that repeat whatever they are told.
async fn make_everything_fail(api: &Api, client: &Client, outside: &FakeSystem, answers: &mut Vec<(String, String)>) {
    let tenant = api.world.tenant;
    let integrations = format!("/tenants/{tenant}/integrations");
    let wrong = [
        (Method::PUT, format!("{integrations}/openai"), json!({"settings": {"model": [REFUSED]}, "secret": REFUSED})),
        (Method::PUT, format!("{integrations}/openai"), json!({"settings": REFUSED})),
        (Method::PUT, format!("{integrations}/openai"), json!({"settings": {}, "secret": format!("{REFUSED} {REFUSED}")})),
        (Method::PUT, format!("{integrations}/smtp"), json!({"settings": {"port": REFUSED, "security": REFUSED}})),
        (Method::PUT, format!("{integrations}/google_calendar"), json!({"settings": {}, "secret": REFUSED})),
        (Method::POST, format!("/tenants/{tenant}/channels"), json!({"api_key": REFUSED, "phone_number": REFUSED})),
        (Method::POST, format!("/tenants/{tenant}/channels/numbers"), json!({"api_key": [REFUSED]})),
        (Method::PATCH, format!("/tenants/{tenant}/settings"), json!({"silence_window_hours": REFUSED})),
        (Method::POST, "/session".to_owned(), json!({"email": "ana@example.com", "password": PASSWORD, "code": REFUSED})),
        (Method::POST, "/session".to_owned(), json!({"email": "ana@example.com", "password": [PASSWORD]})),
    ];
    outside.echoes_everything(401);
    for (method, path, body) in wrong {
        let answer = client.clone().with("if-match", "*").send(method.clone(), &path, Some(&body)).await;
        assert!(!answer.status.is_success(), "{method} {path} {}", answer.text);
        answers.push((format!("{method} {path}"), answer.text));
    }
    for status in [200, 400, 401, 403, 429, 500] {
        outside.echoes_everything(status);
        let mut tests: Vec<String> = ["openai", "tiendanube", "google_calendar", "smtp"]
            .iter()
            .map(|kind| format!("{integrations}/{kind}/test"))
            .collect();
        tests.push(format!("/tenants/{tenant}/channels/{}/test", api.world.channel));
        for path in tests {
            let answer = client.post(&path, &json!({})).await.expect(200);
            answers.push((format!("POST {path} against {status}"), answer.text));
        }
        for path in ["webhook", "webhook/rotate"] {
            let path = format!("/tenants/{tenant}/channels/{}/{path}", api.world.channel);
            answers.push((format!("POST {path}"), client.post(&path, &json!({})).await.text));
        }
    }
}

/// Every text and JSON column of every table, as a superuser reads them; the sealed ones and hashes are bytes.
async fn dump(world: &World) -> Vec<(String, String)> {
    let tables: Vec<String> = world.all("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'").await;
    let mut dumped = Vec::new();
    for table in tables {
        let sql = format!("SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM {table} AS t");
        let text: String = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(world.brain.db.pool()).await.unwrap();
        dumped.push((format!("table {table}"), text));
    }
    dumped
}

#[tokio::test]
async fn credentials_cannot_be_read_back_anywhere() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).with_writer(lines.clone()).finish();
    // For the whole process: what other threads log beside this test is searched too.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let (outside, mail) = (FakeSystem::start().await, MailServer::start().await);
    let token_url = format!("{}/token", outside.url);
    let api = Api::with(&[
        ("ALLOW_PRIVATE_TARGETS", "true"),
        ("YCLOUD_API_URL", outside.url.as_str()),
        ("GOOGLE_API_URL", outside.url.as_str()),
        ("GOOGLE_TOKEN_URL", token_url.as_str()),
        ("WEBHOOK_BASE_URL", "https://edge.example.com"),
    ])
    .await;
    let (planted, administrator) = plant(&api, &outside, &mail).await;
    mail.answers_auth("535 no: {}");

    let mut seen = Vec::new();
    for client in [&administrator, &api.admin_key()] {
        ask_everything(&api, client, &mut seen).await;
    }
    make_everything_fail(&api, &administrator, &outside, &mut seen).await;
    api.world.receive("hola").await;
    let turn = api.world.claim_one().await;
    orchestrator_service::turns::take_turn(&api.world.brain, &turn).await.unwrap();
    orchestrator_service::jobs_worker::work_once(&api.world.brain).await.unwrap();
    for client in [&administrator, &api.admin_key()] {
        ask_everything(&api, client, &mut seen).await;
    }
    let root = api.base.strip_suffix("/api/v1").unwrap();
    seen.push(("/metrics".to_owned(), reqwest::get(format!("{root}/metrics")).await.unwrap().text().await.unwrap()));
    seen.push(("the log".to_owned(), lines.text()));
    // The password's hash is where it belongs.
    seen.extend(dump(&api.world).await.into_iter().map(|(place, text)| {
        let is_users = place == "table users";
        (
            place,
            if is_users { text.replace(planted.of("password hash"), "").replace(planted.of("sealed totp"), "") } else { text },
        )
    }));

    assert!(seen.len() > 150 && lines.text().len() > 1_000, "{} places, {} bytes of log", seen.len(), lines.text().len());
    for (place, text) in &seen {
        assert_eq!(planted.found_in(text), None, "{place}: {text}");
    }
    // The control: the search finds each of them in any of its spellings, among everything else.
    for (name, secret) in &planted.0 {
        for spelling in spellings(secret) {
            let text = format!("{} {spelling} {}", seen[0].1, seen[1].1);
            assert!(planted.found_in(&text).is_some(), "{name} as {spelling} is not found");
        }
    }
}
