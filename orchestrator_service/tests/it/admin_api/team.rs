//! Who works in a business: invitations, roles, keys of programs, forgotten passwords; and the businesses themselves.

use orchestrator_service::auth::Role;
use orchestrator_service::jobs_worker::work_once;
use orchestrator_service::retention;
use serde_json::{Value, json};

use super::support::{Api, Client};
use crate::support::smtp::FakeSmtp;

const PASSWORD: &str = "correct horse battery";

async fn api_with_mail(smtp: &FakeSmtp) -> Api {
    let port = smtp.port.to_string();
    let settings =
        [("SMTP_HOST", "127.0.0.1"), ("SMTP_PORT", port.as_str()), ("SMTP_SECURITY", "none"), ("SMTP_FROM", "nexus@example.com")];
    Api::with(&settings).await
}

/// The token of the link in the last mail.
async fn mailed(api: &Api, smtp: &FakeSmtp, recipient: &str, kind: &str) -> String {
    work_once(&api.world.brain).await.unwrap();
    let (to, source) = smtp.mails().pop().unwrap();
    assert_eq!(to, recipient);
    let text = source.replace("=\n", "").replace("=\r\n", "");
    let link = format!("https://nexus.example.com/{kind}/");
    text.split(&link).nth(1).unwrap().split_whitespace().next().unwrap().to_owned()
}

async fn administrator(api: &Api) -> Client {
    api.member(api.world.tenant, Role::Administrator).await
}

#[tokio::test]
async fn an_invitation_is_mailed_and_accepted_once() {
    let smtp = FakeSmtp::start().await;
    let api = api_with_mail(&smtp).await;
    let administrator = administrator(&api).await;
    let invitations = format!("/tenants/{}/invitations", api.world.tenant);
    let body = json!({"email": "Eva@example.com", "role": "agent"});
    let invited = administrator.post(&invitations, &body).await.expect(201).json();
    assert_eq!((&invited["is_mailed"], &invited["link"]), (&json!(true), &json!(null)));
    assert_eq!(administrator.post(&invitations, &body).await.expect(409).code(), "already_invited");
    let token = mailed(&api, &smtp, "Eva@example.com", "invite").await;
    let look = api.nobody().post("/invitations/look", &json!({"token": token})).await.expect(200).json();
    assert_eq!((&look["tenant_name"], &look["needs_password"]), (&json!("Clínica Demo"), &json!(true)));
    api.nobody().post("/invitations/accept", &json!({"token": token})).await.expect(422);
    let yes = json!({"token": token, "password": PASSWORD, "display_name": "Eva"});
    api.nobody().post("/invitations/accept", &yes).await.expect(204);
    assert_eq!(api.nobody().post("/invitations/accept", &yes).await.expect(410).code(), "link_invalid");
    let me = api.nobody().post("/session", &json!({"email": "eva@example.com", "password": PASSWORD})).await.expect(200).json();
    assert_eq!((&me["tenants"][0]["role"], &me["is_superadmin"]), (&json!("agent"), &json!(false)));
    assert_eq!(administrator.post(&invitations, &body).await.expect(409).code(), "already_member");
}

#[tokio::test]
async fn without_a_mail_server_the_link_is_passed_on_and_can_be_taken_back() {
    let api = Api::new().await;
    let administrator = administrator(&api).await;
    let invitations = format!("/tenants/{}/invitations", api.world.tenant);
    let invited =
        administrator.post(&invitations, &json!({"email": "eva@example.com", "role": "viewer"})).await.expect(201).json();
    let token = invited["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    api.nobody().post("/invitations/look", &json!({"token": token})).await.expect(200);
    administrator.delete(&format!("{invitations}/{}", invited["id"].as_str().unwrap())).await.expect(204);
    api.nobody().post("/invitations/look", &json!({"token": token})).await.expect(410);
}

#[tokio::test]
async fn a_passed_on_link_opens_no_account_that_is_there_already() {
    let api = Api::new().await;
    let operator = api.user("operator@example.com").await;
    api.admin_key().patch(&format!("/users/{operator}"), "*", &json!({"is_superadmin": true})).await.expect(200);
    let path = format!("/tenants/{}/invitations", api.world.tenant);
    let body = json!({"email": "operator@example.com", "role": "agent"});
    let invited = administrator(&api).await.post(&path, &body).await.expect(201).json();
    let token = invited["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let take_over = json!({"token": token, "password": PASSWORD});
    api.nobody().post("/invitations/accept", &take_over).await.expect(204);
    api.nobody().post("/session", &json!({"email": "operator@example.com", "password": PASSWORD})).await.expect(401);
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_mail_and_every_device_is_out() {
    let smtp = FakeSmtp::start().await;
    let api = api_with_mail(&smtp).await;
    let ana = api.user("ana@example.com").await;
    api.join(api.world.tenant, ana, Role::Agent).await;
    let browser = api.browser(ana).await;
    for email in ["nobody@example.com", "ana@example.com"] {
        api.nobody().post("/password-resets", &json!({"email": email})).await.expect(202);
    }
    let token = mailed(&api, &smtp, "ana@example.com", "reset").await;
    assert_eq!(smtp.mails().len(), 1);
    assert_eq!(api.world.one::<i64>("SELECT count(*) FROM jobs WHERE payload::text LIKE '%token%'").await, 0);
    let weak = api.nobody().post("/password-resets/use", &json!({"token": token, "password": "ana@example.com"})).await;
    assert_eq!(weak.expect(422).json()["errors"][0]["field"], "password");
    browser.get("/me").await.expect(200);
    let new = json!({"token": token, "password": PASSWORD});
    api.nobody().post("/password-resets/use", &new).await.expect(204);
    browser.get("/me").await.expect(401);
    api.nobody().post("/password-resets/use", &new).await.expect(410);
    api.nobody().post("/session", &json!({"email": "ana@example.com", "password": PASSWORD})).await.expect(200);
    for _ in 0..2 {
        api.nobody().post("/password-resets", &json!({"email": "ana@example.com"})).await.expect(202);
    }
    api.nobody().post("/password-resets", &json!({"email": "ana@example.com"})).await.expect(429);
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let api = Api::new().await;
    let ana = api.user("ana@example.com").await;
    api.join(api.world.tenant, ana, Role::Administrator).await;
    let browser = api.browser(ana).await;
    let path = format!("/tenants/{}/members/{ana}", api.world.tenant);
    assert_eq!(browser.patch(&path, "*", &json!({"role": "agent"})).await.expect(409).code(), "last_administrator");
    assert_eq!(browser.delete(&path).await.expect(409).code(), "last_administrator");
    let eva = api.user("eva@example.com").await;
    api.join(api.world.tenant, eva, Role::Agent).await;
    let of_eva = format!("/tenants/{}/members/{eva}", api.world.tenant);
    browser.patch(&of_eva, "*", &json!({"role": "administrator"})).await.expect(200);
    browser.delete(&path).await.expect(204);
    browser.get(&format!("/tenants/{}/members", api.world.tenant)).await.expect(404);
    let members = api.admin_key().get(&format!("/tenants/{}/members", api.world.tenant)).await.expect(200).json();
    assert_eq!(members["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_of_a_program_is_shown_once_and_does_what_it_is_for() {
    let api = Api::new().await;
    let administrator = administrator(&api).await;
    let tokens = format!("/tenants/{}/api-tokens", api.world.tenant);
    let settings = format!("/tenants/{}/settings", api.world.tenant);
    let refused = administrator.post(&tokens, &json!({"name": "x", "scopes": ["api_tokens.write"]})).await.expect(422);
    assert_eq!(refused.json()["errors"][0]["field"], "scopes[0]");
    administrator.post(&tokens, &json!({"name": "x", "scopes": ["fly"]})).await.expect(422);
    let made = administrator.post(&tokens, &json!({"name": "report", "scopes": ["settings.read"]})).await.expect(201).json();
    let token = made["token"].as_str().unwrap();
    let program = api.bearer(token);
    program.get(&settings).await.expect(200);
    assert_eq!(program.patch(&settings, "*", &json!({})).await.expect(403).code(), "permission_missing");
    let (other, _) = api.world.add_tenant("+5493815550200").await;
    program.get(&format!("/tenants/{other}/settings")).await.expect(404);
    program.get("/me").await.expect(401);
    let listed = administrator.get(&tokens).await.expect(200);
    assert!(!listed.text.contains(token));
    assert!(listed.json()["items"][0]["last_used_at"].is_string());
    api.world.run("UPDATE api_tokens SET expires_at = now() - interval '1 second'").await;
    program.get(&settings).await.expect(401);
    api.world.run("UPDATE api_tokens SET expires_at = NULL").await;
    program.get(&settings).await.expect(200);
    administrator.delete(&format!("{tokens}/{}", made["id"].as_str().unwrap())).await.expect(204);
    program.get(&settings).await.expect(401);
    api.bearer("nxt_made_up").get(&settings).await.expect(401);
}

#[tokio::test]
async fn the_operator_makes_suspends_and_erases_a_business() {
    let api = Api::new().await;
    let operator = api.admin_key();
    operator.post("/tenants", &json!({"name": " "})).await.expect(422);
    let made = operator.post("/tenants", &json!({"name": "Óptica Sur", "language": "pt"})).await.expect(201).json();
    let path = format!("/tenants/{}", made["id"].as_str().unwrap());
    operator.get(&format!("{path}/settings")).await.expect(200);
    assert!(operator.post(&format!("{path}/suspend"), &json!({})).await.expect(200).json()["suspended_at"].is_string());
    assert!(operator.post(&format!("{path}/resume"), &json!({})).await.expect(200).json()["suspended_at"].is_null());

    api.world.receive("hola").await;
    let path = format!("/tenants/{}", api.world.tenant);
    let erase = async |name: &str| operator.send(reqwest::Method::DELETE, &path, Some(&json!({"confirm_name": name}))).await;
    erase("clínica demo").await.expect(422);
    let exported = operator.get(&format!("{path}/export")).await.expect(200);
    assert!(exported.text.lines().any(|line| line.contains("chat_messages") && line.contains("hola")), "{}", exported.text);
    let ordered = erase("Clínica Demo").await.expect(202).json();
    assert!(ordered["erase_at"].is_string() && ordered["suspended_at"].is_string());
    retention::apply(&api.world.brain.db).await.unwrap();
    let kept = operator.post(&format!("{path}/keep"), &json!({})).await.expect(200).json();
    assert_eq!((&kept["erase_at"], &kept["suspended_at"]), (&Value::Null, &Value::Null), "it goes on");
    assert_eq!(operator.post(&format!("{path}/keep"), &json!({})).await.expect(409).code(), "wrong_state");
    let now = format!("{path}?now=true");
    operator.send(reqwest::Method::DELETE, &now, Some(&json!({"confirm_name": "Clínica Demo"}))).await.expect(204);
    operator.get(&format!("{path}/settings")).await.expect(404);
    assert_eq!(api.world.one::<i64>("SELECT count(*) FROM chat_messages").await, 0);
    let log = operator.get("/audit-log").await.expect(200);
    assert!(log.text.contains("tenant.erased"));
    let two = operator.get("/audit-log?limit=1").await.expect(200).json();
    let next =
        operator.get(&format!("/audit-log?limit=1&cursor={}", two["next_cursor"].as_str().unwrap())).await.expect(200).json();
    assert_ne!(two["items"][0]["id"], next["items"][0]["id"]);
    operator.get("/audit-log?limit=101").await.expect(422);
    operator.get("/audit-log?cursor=made-up").await.expect(422);
}

#[tokio::test]
async fn nobody_changes_the_record_of_changes() {
    let api = Api::new().await;
    api.admin_key().post("/tenants", &json!({"name": "Óptica Sur"})).await.expect(201);
    for sql in ["UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log"] {
        let refused = sqlx::query(sql).execute(api.world.brain.db.pool()).await.unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
}

#[tokio::test]
async fn a_business_is_erased_when_its_days_of_grace_are_over() {
    let api = Api::new().await;
    let (other, _) = api.world.add_tenant("+5493815550200").await;
    api.world.receive("hola").await;
    let path = format!("/tenants/{}", api.world.tenant);
    let name = json!({"confirm_name": "Clínica Demo"});
    api.admin_key().send(reqwest::Method::DELETE, &path, Some(&name)).await.expect(202);
    api.world.run("UPDATE tenants SET erase_at = now() - interval '1 second' WHERE erase_at IS NOT NULL").await;
    retention::apply(&api.world.brain.db).await.unwrap();
    let left: Vec<uuid::Uuid> = api.world.all("SELECT id FROM tenants").await;
    assert_eq!(left, [other.0]);
    assert_eq!(api.world.one::<i64>("SELECT count(*) FROM chat_messages").await, 0);
    let log = "SELECT actor_kind FROM audit_log WHERE action IN ('tenant.erasure_ordered', 'tenant.erased') ORDER BY id";
    assert_eq!(api.world.all::<String>(log).await, ["admin_key", "system"]);
}

#[tokio::test]
async fn a_new_role_counts_at_once_and_of_two_editors_the_second_is_told() {
    let api = Api::new().await;
    let administrator = administrator(&api).await;
    let eva = api.user("eva@example.com").await;
    api.join(api.world.tenant, eva, Role::Agent).await;
    let browser = api.browser(eva).await;
    let invitations = format!("/tenants/{}/invitations", api.world.tenant);
    let body = json!({"email": "new@example.com", "role": "agent"});
    browser.post(&invitations, &body).await.expect(403);
    let path = format!("/tenants/{}/members/{eva}", api.world.tenant);
    let etag = administrator.get(&path).await.expect(200).etag();
    let raised = administrator.patch(&path, &etag, &json!({"role": "administrator"})).await.expect(200);
    assert_eq!(raised.json()["role"], "administrator");
    browser.post(&invitations, &body).await.expect(201);
    let late = administrator.patch(&path, &etag, &json!({"role": "viewer"})).await.expect(412);
    assert_eq!((late.code().as_str(), &late.json()["current"]["role"]), ("version_outdated", &json!("administrator")));
    administrator.patch(&path, &late.etag(), &json!({"role": "viewer"})).await.expect(200);
    browser.post(&invitations, &body).await.expect(403);
    let careless = administrator.send(reqwest::Method::PATCH, &path, Some(&json!({"role": "agent"}))).await;
    assert_eq!(careless.expect(428).code(), "version_missing");
}
