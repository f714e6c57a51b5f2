//! Getting in: set-up, signing in, limits of tries, sessions, the second factor.

use chrono::Utc;
use orchestrator_service::auth::Role;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use super::support::{Api, Client};

const PASSWORD: &str = "correct horse battery";

/// A superadmin with a password.
async fn set_up(api: &Api, email: &str) {
    let body = json!({"email": email, "password": PASSWORD, "display_name": "Ana"});
    api.admin_key().post("/setup", &body).await.expect(201);
}

fn credentials(email: &str, password: &str) -> Value {
    json!({"email": email, "password": password})
}

fn with_cookie(api: &Api, token: &str) -> Client {
    api.nobody().with("cookie", &format!("nexus_session={token}"))
}

#[tokio::test]
async fn the_first_superadmin_is_made_once_and_signs_in_and_out() {
    let api = Api::new().await;
    assert_eq!(api.nobody().get("/setup").await.expect(200).json()["needs_setup"], true);
    let body = json!({"email": "Ana@example.com", "password": PASSWORD, "display_name": "Ana"});
    assert_eq!(api.nobody().post("/setup", &body).await.expect(401).code(), "not_signed_in");
    let weak = json!({"email": "ana@example.com", "password": "short", "display_name": "Ana"});
    assert_eq!(api.admin_key().post("/setup", &weak).await.expect(422).json()["errors"][0]["field"], "password");
    let made = api.admin_key().post("/setup", &body).await.expect(201);
    let cookie = made.headers["set-cookie"].to_str().unwrap().to_owned();
    for part in ["HttpOnly", "SameSite=Lax", "Secure", "nexus_session="] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert_eq!(api.admin_key().post("/setup", &body).await.expect(409).code(), "already_set_up");
    assert_eq!(api.nobody().get("/setup").await.expect(200).json()["needs_setup"], false);

    let signed_in = api.nobody().post("/session", &credentials("ana@EXAMPLE.com", PASSWORD)).await.expect(200);
    let browser = with_cookie(&api, &signed_in.session_cookie().unwrap());
    let me = browser.get("/me").await.expect(200).json();
    assert_eq!((&me["is_superadmin"], &me["email"]), (&json!(true), &json!("Ana@example.com")));
    let out = browser.delete("/session").await.expect(204);
    assert_eq!(out.session_cookie().as_deref(), Some(""));
    browser.get("/me").await.expect(401);
    api.nobody().delete("/session").await.expect(204);
}

#[tokio::test]
async fn an_account_is_locked_after_ten_tries_and_opens_again() {
    let api = Api::new().await;
    set_up(&api, "ana@example.com").await;
    for email in ["ana@example.com", "nobody@example.com"] {
        for _ in 0..10 {
            let refused = api.nobody().post("/session", &credentials(email, "not the password")).await.expect(401);
            assert_eq!(refused.code(), "wrong_credentials");
        }
        let locked = api.nobody().post("/session", &credentials(email, PASSWORD)).await.expect(429);
        let seconds: u32 = locked.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((600..=900).contains(&seconds), "{seconds}");
    }
    api.world.run("UPDATE login_attempts SET attempted_at = attempted_at - interval '16 minutes'").await;
    api.nobody().post("/session", &credentials("ana@example.com", PASSWORD)).await.expect(200);
    assert_eq!(
        api.world.one::<i64>("SELECT count(*) FROM login_attempts WHERE attempted_at > now() - interval '1 minute'").await,
        1,
        "a success is only counted for its address"
    );
}

#[tokio::test]
async fn an_address_is_locked_whatever_account_it_tries_and_others_are_not() {
    let api = Api::new().await;
    set_up(&api, "ana@example.com").await;
    api.world
        .run(
            "INSERT INTO login_attempts (kind, subject, attempted_at)
             SELECT 'address', sha256('198.51.100.7'), now() - interval '10 minutes' FROM generate_series(1, 50)",
        )
        .await;
    let from = |address: &str| api.nobody().with("x-forwarded-for", address);
    let right = credentials("ana@example.com", PASSWORD);
    assert_eq!(from("198.51.100.7").post("/session", &right).await.expect(429).code(), "too_many_tries");
    from("198.51.100.8").post("/session", &right).await.expect(200);
    api.world.run("UPDATE login_attempts SET attempted_at = attempted_at - interval '6 minutes'").await;
    from("198.51.100.7").post("/session", &right).await.expect(200);
}

#[tokio::test]
async fn a_session_token_is_renewed_and_the_old_one_ends_once_the_new_one_is_seen() {
    let api = Api::new().await;
    set_up(&api, "ana@example.com").await;
    let answer = api.nobody().post("/session", &credentials("ana@example.com", PASSWORD)).await.expect(200);
    let old = with_cookie(&api, &answer.session_cookie().unwrap());
    api.world.run("DELETE FROM sessions WHERE id <> (SELECT id FROM sessions ORDER BY id DESC LIMIT 1)").await;
    assert_eq!(old.get("/me").await.expect(200).session_cookie(), None, "it is young");
    api.world.run("UPDATE sessions SET rotated_at = rotated_at - interval '16 minutes'").await;
    let lost = old.get("/me").await.expect(200).session_cookie().unwrap();
    assert_eq!(old.get("/me").await.expect(200).session_cookie(), None, "one at a time");
    // The answer with the new token never came: a minute later there is another.
    api.world.run("UPDATE sessions SET rotated_at = rotated_at - interval '2 minutes'").await;
    let token = old.get("/me").await.expect(200).session_cookie().unwrap();
    with_cookie(&api, &lost).get("/me").await.expect(401);
    let new = with_cookie(&api, &token);
    new.get("/me").await.expect(200);
    old.get("/me").await.expect(200);
    api.world.run("UPDATE sessions SET previous_expires_at = previous_expires_at - interval '2 minutes'").await;
    old.get("/me").await.expect(401);
    new.get("/me").await.expect(200);
    api.world.run("UPDATE sessions SET last_seen_at = now() - interval '15 days'").await;
    new.get("/me").await.expect(401);
}

#[tokio::test]
async fn a_device_is_signed_out_by_its_owner_and_by_nobody_else() {
    let api = Api::new().await;
    let (ana, eva) = (api.user("ana@example.com").await, api.user("eva@example.com").await);
    let (phone, laptop, other) = (api.browser(ana).await, api.browser(ana).await, api.browser(eva).await);
    let devices = laptop.get("/me/sessions").await.expect(200).json();
    let phone_id = devices["items"].as_array().unwrap().iter().find(|device| device["is_this"] == false).unwrap()["id"].clone();
    let path = format!("/me/sessions/{}", phone_id.as_str().unwrap());
    other.delete(&path).await.expect(404);
    phone.get("/me").await.expect(200);
    laptop.delete(&path).await.expect(204);
    phone.get("/me").await.expect(401);
    laptop.delete(&path).await.expect(404);
    laptop.delete("/me/sessions/not-an-id").await.expect(404);
    laptop.get("/me").await.expect(200);
}

#[tokio::test]
async fn a_change_that_another_site_could_send_is_refused() {
    let api = Api::new().await;
    let browser = api.member(api.world.tenant, Role::Administrator).await.without("x-requested-with");
    browser.get("/me").await.expect(200);
    let refused = browser.patch("/me", "*", &json!({"language": "en"})).await.expect(403);
    assert_eq!(refused.code(), "csrf_header_missing");
    browser.with("x-requested-with", "nexus").patch("/me", "*", &json!({"language": "en"})).await.expect(200);
    let sign_in = api.nobody().without("x-requested-with").post("/session", &credentials("a@example.com", "x")).await;
    assert_eq!(sign_in.expect(403).code(), "csrf_header_missing");
}

fn code_of(secret: &str) -> String {
    let totp = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build_noncompliant();
    totp.generate(u64::try_from(Utc::now().timestamp()).unwrap()).to_string()
}

#[tokio::test]
async fn the_second_factor_is_needed_once_it_is_confirmed_and_no_code_works_twice() {
    let api = Api::new().await;
    set_up(&api, "ana@example.com").await;
    let right = credentials("ana@example.com", PASSWORD);
    let browser = with_cookie(&api, &api.nobody().post("/session", &right).await.expect(200).session_cookie().unwrap());
    browser.post("/me/second-factor", &json!({"password": "not the password"})).await.expect(422);
    let begun = browser.post("/me/second-factor", &json!({"password": PASSWORD})).await.expect(201).json();
    let secret = begun["secret"].as_str().unwrap();
    assert!(begun["url"].as_str().unwrap().starts_with("otpauth://totp/"));
    api.nobody().post("/session", &right).await.expect(200);
    browser.post("/me/second-factor/confirm", &json!({"code": "000000"})).await.expect(422);
    let code = code_of(secret);
    let confirmed = browser.post("/me/second-factor/confirm", &json!({"code": code})).await.expect(200).json();
    let backup = confirmed["backup_codes"][0].as_str().unwrap().to_owned();

    let with_code = |code: &str| json!({"email": "ana@example.com", "password": PASSWORD, "code": code});
    assert_eq!(api.nobody().post("/session", &right).await.expect(401).code(), "second_factor_needed");
    assert_eq!(api.nobody().post("/session", &with_code(&code)).await.expect(401).code(), "second_factor_wrong");
    api.nobody().post("/session", &with_code(&backup.to_uppercase())).await.expect(200);
    assert_eq!(api.nobody().post("/session", &with_code(&backup)).await.expect(401).code(), "second_factor_wrong");
    api.world.run("UPDATE users SET totp_last_step = NULL").await;
    let signed_in = api.nobody().post("/session", &with_code(&code_of(secret))).await.expect(200).json();
    assert_eq!((&signed_in["has_second_factor"], &signed_in["backup_codes_left"]), (&json!(true), &json!(9)));
    let off = json!({"password": PASSWORD});
    browser.send(reqwest::Method::DELETE, "/me/second-factor", Some(&off)).await.expect(204);
    api.nobody().post("/session", &right).await.expect(200);
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once_and_the_last_superadmin_stays() {
    let api = Api::new().await;
    set_up(&api, "ana@example.com").await;
    let eva = api.user("eva@example.com").await;
    let browser = api.browser(eva).await;
    browser.get("/me").await.expect(200);
    api.admin_key().patch(&format!("/users/{eva}"), "*", &json!({"is_disabled": true})).await.expect(200);
    browser.get("/me").await.expect(401);
    let ana: String = api.world.one("SELECT id::text FROM users WHERE is_superadmin").await;
    for change in [json!({"is_disabled": true}), json!({"is_superadmin": false})] {
        let refused = api.admin_key().patch(&format!("/users/{ana}"), "*", &change).await.expect(409);
        assert_eq!(refused.code(), "last_superadmin");
    }
}

#[tokio::test]
async fn a_header_vouches_for_people_only_from_the_listed_proxies() {
    for (listed, status) in [("127.0.0.1", 200), ("10.9.9.9", 401)] {
        let api = Api::with(&[("TRUSTED_PROXY_ADDRESSES", listed), ("TRUSTED_EMAIL_HEADER", "X-Forwarded-Email")]).await;
        api.user("ana@example.com").await;
        let behind = api.nobody().with("x-forwarded-email", "Ana@example.com");
        behind.get("/me").await.expect(status);
        api.nobody().with("x-forwarded-email", "stranger@example.com").get("/me").await.expect(401);
        let forged = behind.without("x-requested-with").patch("/me", "*", &json!({"language": "en"})).await;
        assert_eq!(forged.code(), if status == 200 { "csrf_header_missing" } else { "not_signed_in" });
    }
}

#[tokio::test]
async fn what_has_served_its_purpose_is_removed_and_the_rest_stays() {
    let api = Api::new().await;
    let browser = api.member(api.world.tenant, Role::Viewer).await;
    let eva = api.user("eva@example.com").await;
    api.browser(eva).await;
    api.world.run("UPDATE sessions SET expires_at = now() - interval '31 days' WHERE user_id = (SELECT id FROM users WHERE email = 'eva@example.com')").await;
    api.world.run("INSERT INTO login_attempts (kind, subject, attempted_at) VALUES ('account', '', now()), ('account', '', now() - interval '2 days')").await;
    api.world
        .run(
            "INSERT INTO idempotency_keys (tenant_id, key, route, request_hash, created_at)
             SELECT id, age::text, 'POST /x', '', now() - age * interval '1 day' FROM tenants, unnest(ARRAY[0, 3]) AS age",
        )
        .await;
    orchestrator_service::housekeeping::sweep(&api.world.brain.db).await.unwrap();
    browser.get("/me").await.expect(200);
    for table in ["sessions", "login_attempts", "idempotency_keys"] {
        let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        let left: i64 = sqlx::query_scalar(sql).fetch_one(api.world.brain.db.pool()).await.unwrap();
        assert_eq!(left, 1, "{table}");
    }
}

#[tokio::test]
async fn a_lost_second_factor_is_taken_away_by_the_operator_and_every_device_is_out() {
    let api = Api::new().await;
    let eva = api.user("eva@example.com").await;
    let browser = api.browser(eva).await;
    api.world.run("UPDATE users SET totp_secret = 'x', totp_confirmed_at = now(), backup_codes = '{x}'").await;
    let path = format!("/users/{eva}/second-factor");
    browser.delete(&path).await.expect(403);
    assert_eq!(api.admin_key().get(&format!("/users/{eva}")).await.expect(200).json()["has_second_factor"], true);
    api.admin_key().delete(&path).await.expect(204);
    assert_eq!(api.admin_key().get(&format!("/users/{eva}")).await.expect(200).json()["has_second_factor"], false);
    browser.get("/me").await.expect(401);
    let log = "SELECT count(*) FROM audit_log WHERE action = 'user.second_factor_reset' AND actor_kind = 'admin_key'";
    assert_eq!(api.world.one::<i64>(log).await, 1);
    api.admin_key().delete(&format!("/users/{}/second-factor", uuid::Uuid::nil())).await.expect(404);
}

#[tokio::test]
async fn of_two_who_edit_an_account_the_second_is_told() {
    let api = Api::new().await;
    let eva = api.user("eva@example.com").await;
    let browser = api.browser(eva).await;
    let etag = browser.get("/me").await.expect(200).etag();
    browser.patch("/me", &etag, &json!({"display_name": "Eva"})).await.expect(200);
    let late = browser.patch("/me", &etag, &json!({"display_name": "Evita"})).await.expect(412);
    assert_eq!(late.json()["current"]["display_name"], "Eva");
    browser.patch("/me", &late.etag(), &json!({"display_name": "Evita"})).await.expect(200);
    let path = format!("/users/{eva}");
    let etag = api.admin_key().get(&path).await.expect(200).etag();
    let disabled = api.admin_key().patch(&path, &etag, &json!({"is_disabled": true})).await.expect(200);
    api.admin_key().patch(&path, &etag, &json!({"is_superadmin": true})).await.expect(412);
    api.admin_key().patch(&path, &disabled.etag(), &json!({"is_disabled": false})).await.expect(200);
}

#[tokio::test]
async fn one_call_tells_a_screen_all_it_begins_with() {
    let api = Api::new().await;
    api.world.receive("hola").await;
    let (other, _) = api.world.add_tenant("+5493815550200").await;
    let agent = api.member(api.world.tenant, Role::Agent).await;
    let begun = agent.get("/bootstrap").await.expect(200).json();
    assert_eq!(begun["tenant"]["id"], json!(api.world.tenant));
    assert_eq!((&begun["counts"]["assistant"], &begun["me"]["tenants"][0]["role"]), (&json!(1), &json!("agent")));
    assert_eq!((&begun["flags"]["has_oidc"], &begun["flags"]["has_model"]), (&json!(false), &json!(true)));
    agent.get(&format!("/bootstrap?tenant_id={other}")).await.expect(404);
    let stranger = api.user("stranger@example.com").await;
    let nowhere = api.browser(stranger).await.get("/bootstrap").await.expect(200).json();
    assert_eq!((&nowhere["tenant"], &nowhere["counts"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn without_a_provider_there_is_no_way_through_one() {
    let api = Api::new().await;
    assert_eq!(api.nobody().get("/session/options").await.expect(200).json()["oidc"], Value::Null);
    api.nobody().get("/session/oidc").await.expect(404);
    api.nobody().get("/session/oidc/callback?code=x&state=y").await.expect(404);
}
